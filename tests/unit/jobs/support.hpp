// SPDX-License-Identifier: Apache-2.0
// Folders, images and what a job tells.
#pragma once
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "jobs/jobs.hpp"
#include "support/temp_dir.hpp"

namespace sysb::jobs {

namespace fs = std::filesystem;

class folder {
 public:
  [[nodiscard]] std::string at(std::string const& name) const { return dir_ / name; }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (auto const& e : fs::directory_iterator{dir_.path()}) { out.push_back(e.path().filename()); }
    std::sort(out.begin(), out.end());
    return out;
  }

 private:
  test::temp_dir dir_;
};

using names = std::vector<std::string>;

inline std::string sample(std::string const& name) {
  return concat(std::getenv("SYSB_TESTDATA_DIR"), "/backup_by_name/", name, "/image.bff");
}

// A copy with one byte changed.
inline std::string changed(std::string const& name, std::streamoff at, std::string const& to) {
  fs::copy_file(sample(name), to);
  fs::permissions(to, fs::perms::owner_write, fs::perm_options::add);
  std::fstream file{to, std::ios::in | std::ios::out | std::ios::binary};
  file.seekg(at);
  auto const was = static_cast<char>(file.get());
  file.seekp(at);
  file.put(static_cast<char>(was ^ 1));
  return to;
}

// Everything a job tells, in the order of telling.
struct recorder : events {
  std::vector<std::string> lines;
  ledger said{[this](diagnostic const& d) { lines.push_back(concat(d.code->id, ' ', d.path)); }};
  progress counts;
  int stop_at = -1;  // member
  std::optional<wpar::verdict> readiness;
  recorder() : events{said, counts} {}
  void opening() override { lines.push_back("opening"); }
  void member(pipeline::member_event const& m) override {
    if (stop_at-- == 0) { counts.stop_signal = SIGTERM; }
    lines.push_back(concat(to_text(m.what.action), ' ', m.member.path));
  }
  void assessed(wpar::facts const&, wpar::assessment const& a) override {
    lines.push_back("assessed");
    readiness = a.outcome;
  }
  void inventoried(inventory::report const& r) override {
    lines.push_back(concat("inventory of ", r.filesets.size(), r.filesets.size() == 1 ? " fileset" : " filesets"));
  }
  void writing() override { lines.push_back("writing"); }
  [[nodiscard]] std::ptrdiff_t place(std::string const& line) const {
    return std::find(lines.begin(), lines.end(), line) - lines.begin();
  }
};

inline image_request image_of(std::string path, folder const& tmp) {
  image_request r;
  r.volumes = {std::move(path)};
  r.tmpdir = tmp.at(".");
  return r;
}

}  // namespace sysb::jobs
