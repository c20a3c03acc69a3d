// SPDX-License-Identifier: Apache-2.0
// --verify: remembers what went into a sink and holds the finished output against it.
#pragma once
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/digest.hpp"
#include "core/entry_sink.hpp"
#include "jobs/jobs.hpp"

namespace sysb::jobs {

// One written member a record, in an unlinked file: the memory does not grow with the image.
class written_record {
 public:
  struct member {
    std::string path;  // normal
    entry_kind kind = entry_kind::file;
    std::uint64_t size = 0;
    bool link = false;
    bool raw = false;  // the digest is of the whole record
    std::uint32_t permissions = 0;
    std::uint32_t uid = 0, gid = 0;
    std::int64_t mtime = 0;
    digest128 digest{};
    std::uint64_t record_bytes = 0;  // while it is written
  };
  explicit written_record(std::string const& tmpdir);
  void add(member const& m);
  void rewind();
  [[nodiscard]] bool next(member& m);
  // What was said to be lost: members that were left out, owners, or modes and times, that could not be set.
  void lost(diagnostic const& d);
  [[nodiscard]] bool left_out(std::string_view path) const;
  bool lost_owners = false, lost_metadata = false;

 private:
  struct closer {
    void operator()(std::FILE* f) const noexcept { std::fclose(f); }
  };
  void put(void const* data, std::size_t size);
  void get(void* data, std::size_t size);
  [[noreturn]] static void fail();
  std::unique_ptr<std::FILE, closer> file_;
  std::unordered_set<std::uint64_t> left_out_;  // hashes of their names
  std::uint64_t count_ = 0;
  std::uint64_t read_ = 0;
};

// Passes everything on to `inner` and writes it down.
[[nodiscard]] std::unique_ptr<entry_sink> make_recording_sink(std::unique_ptr<entry_sink> inner, written_record& record,
                                                              ledger& findings);

// After the sink is finished, before the output is committed. False: it differs from what was written, and
// findings say where. Sets outcome::content_verified where packed content of a .bff was decoded.
[[nodiscard]] bool verify_output(events& e, opened_output const& to, wpar_request const& r, written_record& record,
                                 outcome& out);

}  // namespace sysb::jobs
