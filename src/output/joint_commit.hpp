// SPDX-License-Identifier: Apache-2.0
// OUT, its manifest and its side files appear one after the other, OUT last. Neither a kill between two of them nor a
// second run into the same OUT may leave files of one run beside those of another.
//
// While they appear, a journal stands beside OUT (.sysb-NUMBER.lock, by the name of OUT, so that whoever writes this
// OUT meets it) and is locked: a second run waits. It names what is put in place by device, inode, size and time. What a
// killed run had put there is known by that, and the next run takes it back.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/os/descriptor.hpp"
#include "output/output.hpp"

namespace sysb::output {

enum class left_behind : std::uint8_t {
  nothing,
  finished,    // the run was killed when everything stood in its place
  taken_back,  // what stood in its place without the rest was taken back
};

// What a run into `out` that was killed while its files appeared had put in place. `side_folder` is where its side files go.
// Only files that the journal knows are touched, and no journal counts but one of this user.
[[nodiscard]] left_behind settle_killed_run(std::string const& out, std::string const& side_folder);
// The same by the journal's own name, for who cleans a folder; side files in OUT.d.
[[nodiscard]] left_behind settle_journal(std::string const& folder, std::string const& name);

class joint_commit {
 public:
  // Waits for another run that puts its files in place, for a minute at most. Throws fatal_error{io}.
  joint_commit(std::string const& out, std::string const& side_folder);
  ~joint_commit();  // the journal goes
  joint_commit(joint_commit const&) = delete;
  joint_commit& operator=(joint_commit const&) = delete;

  // Before the first of them appears: all, OUT last.
  void announce(std::vector<file_identity> const& parts);
  // When all stand: the journal goes. Throws fatal_error{io} where it stays; whoever writes OUT next removes it.
  void close();

 private:
  std::string out_, name_;
  unique_fd folder_, journal_;
};

}  // namespace sysb::output
