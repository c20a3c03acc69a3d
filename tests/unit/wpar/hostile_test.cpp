// SPDX-License-Identifier: Apache-2.0
// Every field that an image or a command line fills holds something that a shell, a stanza file or JSON would look
// at twice; the scripts run, and nothing breaks out.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "fake_image.hpp"
#include "side_files_of.hpp"
#include "support/temp_dir.hpp"
#include "wpar/deploy/deploy.hpp"
#include "wpar/deploy/host.hpp"
#include "wpar/survey.hpp"

namespace hostile_test {

using namespace sysb;
using namespace sysb::wpar;
using namespace sysb::wpar::deploy;

namespace {

std::vector<std::string> payloads() {
  return {"$(touch CANARY)",
          "`touch CANARY`",
          "'; touch CANARY; '",
          "\"; touch CANARY; \"",
          "a\ntouch CANARY\n",
          "\\0101\\",
          "-rf",
          "*",
          "@MEMBERS@",
          "a b\tc",
          "\x1b[2J\x07",
          "END\ntouch CANARY\n",
          "${IFS}touch${IFS}CANARY",
          "\xff\xfe not UTF-8",
          "name = \"x\"\n\tevil"};
}

class folder {
 public:
  void write(std::string const& name, std::string const& text, unsigned mode = 0644) const {
    std::ofstream{concat(path, '/', name), std::ios::binary} << text;
    ::chmod(concat(path, '/', name).c_str(), mode);
  }
  [[nodiscard]] bool canary() const {
    struct stat st {};
    return ::stat(concat(path, "/CANARY").c_str(), &st) == 0 || ::stat(concat(path, "/tree/CANARY").c_str(), &st) == 0;
  }
  test::temp_dir dir{};
  std::string path = dir.path();
};

int run(std::string const& command, std::string* said = nullptr) {
  auto* const out = ::popen(concat(command, " 2>&1").c_str(), "r");
  REQUIRE(out != nullptr);
  std::array<char, 512> some{};
  while (std::fgets(some.data(), some.size(), out) != nullptr) {
    if (said != nullptr) { *said += some.data(); }
  }
  return ::pclose(out);
}

std::vector<std::string> shells() {
  std::vector<std::string> out;
  for (auto const* name : {"ksh", "mksh", "dash"}) {
    if (run(concat("command -v ", name)) == 0) {
      out.emplace_back(name);
    } else {
      MESSAGE("skipped: no " << name);
    }
  }
  return out;
}

}  // namespace

TEST_CASE("hostile values in every field break out of no script, specification, report or JSON") {
  auto const all_shells = shells();
  for (auto const& bad : payloads()) {
    CAPTURE(bad);
    auto i = fake::rootvg();
    auto text = fake::image_data_text();
    auto const one_line = bad.substr(0, bad.find('\n'));
    for (auto const* field : {"UNAME_INFO=", "DATE_TIME=", "CPU_ID=", "USERVG_LIST="}) {
      auto const at = text.find(field);
      text.replace(at, text.find('\n', at) - at, concat(field, ' ', one_line));
    }
    text += concat("fs_data:\n\tFS_NAME= /", one_line, "\n\tFS_SIZE= 8\n\tFS_LV= /dev/", one_line,
                   "\n\tFS_JFS2_EAFORMAT= ", one_line, "\n\tFS_", one_line, "= ", one_line,
                   "\n\nlv_data:\n\tLOGICAL_VOLUME= ", one_line, "\n\tTYPE= jfs2\n\tMOUNT_POINT= /", one_line, "\n\n");
    i.file("./image.data", text);
    i.file("./etc/filesystems",
           concat("/x", one_line, ":\n\tdev = /dev/", one_line, "\n\tvfs = jfs2\n\nnodename = ", one_line, "\n"));
    i.file(concat("./x", bad, "/y"))
        .file(concat("./etc/wpars/", one_line, ".cf"), concat("general:\n\tdirectory = /", bad));
    i.file("./etc/inittab", concat("x:2:once:", bad, "\n")).file(concat("./etc/rc.d/rc2.d/S", one_line));
    for (auto const target : {target_kind::archive, target_kind::bff, target_kind::tree}) {
      for (auto const named : {false, true}) {
        request r;
        r.target = target;
        r.format = target == target_kind::archive ? "pax" : target == target_kind::bff ? "bff" : "tree";
        r.compression = "none";
        r.image_name = bad;
        r.output_name = named ? "out" : bad;
        r.hostname = bad;
        r.address = bad;
        r.interface = bad;
        r.quiesce = true;
        if (named) { r.name = bad; }
        fake::collector d;
        auto reader = i.open();
        auto f = gather_facts(reader, {}, d);
        f.swvpd.filesets.push_back({.name = bad, .part = fileset_part::root, .level = bad, .state = bad});
        f.swvpd.complaints.push_back(bad);
        f.inet_hostname = bad;
        f.addresses = {bad};
        r.host = std::make_shared<host_facts const>();
        auto const a = assess(f, r);
        result done;
        done.command_line = bad;
        done.losses.push_back({bad, bad, 1});
        decision const gone{plan_action::drop, "V11", bad};
        entry e;
        e.path = concat("./", bad);
        done.totals.add(e, gone);
        done.members.add(e, gone);
        std::string dropped;
        append_dropped_line(dropped, e, gone);
        CHECK(std::count(dropped.begin(), dropped.end(), '\n') == 1);
        folder const here;
        for (auto const& file : fake::side_files_of(f, r, a, done)) {
          CAPTURE(file.name);
          here.write(file.name, file.content, file.mode);
          for (auto const c : file.content) {
            auto const b = static_cast<unsigned char>(c);
            if (file.name == "image.data" || (file.name == "deploy.sh" && bad.find('\x1b') != std::string::npos)) {
              break;
            }
            CHECK((b >= 0x20 || c == '\n' || c == '\t'));
          }
          if (file.name == "report.json") {
            CHECK(nlohmann::json::accept(file.content));
          } else if (file.name == "wpar.spec" || file.name == "fs.plan") {
            CHECK(file.content.find("\ntouch CANARY") == std::string::npos);
            CHECK(file.content.find("\n\tevil") == std::string::npos);
          }
        }
        for (auto const& shell : all_shells) {
          std::string said;
          run(concat("cd ", here.path, " && ", shell, " ./deploy.sh -n web"), &said);
          CAPTURE(said);
          CHECK(!here.canary());
          if (named) { break; }
        }
      }
    }
  }
}

TEST_CASE("restore-metadata.sh sets names with every byte, and leaves what a link leads to") {
  for (auto const& shell : shells()) {
    CAPTURE(shell);
    folder const here;
    REQUIRE(::mkdir(concat(here.path, "/tree").c_str(), 0755) == 0);
    REQUIRE(::mkdir(concat(here.path, "/bin").c_str(), 0755) == 0);
    here.write("bin/aclput", "#!/bin/sh\n{ printf '%s\\n' \"$1\"; cat; } >> ../acls\n", 0755);
    here.write("outside", "x", 0644);
    std::string list{metadata_head};
    std::vector<std::string> names;
    for (auto const& bad : payloads()) { names.push_back(bad); }
    std::string every;
    for (int b = 1; b < 256; ++b) {
      if (b != '/') { every.push_back(static_cast<char>(b)); }
    }
    names.push_back(every.substr(0, 120));
    names.push_back(every.substr(120));
    names.emplace_back("ends with a newline\n");
    entry e;
    e.uid = ::getuid();
    e.gid = ::getgid();
    for (auto const& name : names) {
      here.write(concat("tree/", name), "x", 0600);
      e.path = concat("./", name);
      e.mode = 0100640;
      append_metadata_line(list, e, {});
    }
    REQUIRE(::symlink("../outside", concat(here.path, "/tree/link").c_str()) == 0);
    e.kind = entry_kind::symlink;
    e.mode = 0120777;
    e.path = "./link";
    append_metadata_line(list, e, {});
    auto const command =
        concat("cd ", here.path, " && PATH=", here.path, "/bin:$PATH ", shell, " ./restore-metadata.sh ");
    here.write("restore-metadata.sh", [&] {
      request r;
      r.target = target_kind::tree;
      fake::collector d;
      auto reader = fake::rootvg().open();
      auto const f = gather_facts(reader, {}, d);
      for (auto const& file : fake::side_files_of(f, r, assess(f, r), {})) {
        if (file.name == "restore-metadata.sh") { return file.content; }
      }
      return std::string{};
    }());
    here.write("metadata.list", list);
    CHECK(run(concat(command, "tree")) != 0);  // cut before its end
    here.write("metadata.list", concat(list, metadata_end));
    for (int twice = 0; twice < 2; ++twice) {
      std::string said;
      CHECK_MESSAGE(run(concat(command, "tree"), &said) == 0, said);
      CHECK(!here.canary());
      struct stat st {};
      for (auto const& name : names) {
        CAPTURE(name);
        REQUIRE(::lstat(concat(here.path, "/tree/", name).c_str(), &st) == 0);
        CHECK((st.st_mode & 07777) == 0640);
      }
      REQUIRE(::stat(concat(here.path, "/outside").c_str(), &st) == 0);
      CHECK((st.st_mode & 07777) == 0644);
    }
    for (auto const* line : {"f 0 0 0644 ./../outside -\n", "f 0 0 0644 /etc/passwd -\n", "f 0 0 0644 ./link -\n",
                             "f 0 0 0644 ./a/../../outside -\n", "f 0;touch\tCANARY 0 0644 ./link -\n"}) {
      CAPTURE(line);
      here.write("metadata.list", concat(line, metadata_end));
      CHECK(run(concat(command, "tree")) != 0);
      CHECK(!here.canary());
    }
    here.write("metadata.list", concat("f 0 0 0644 ./up/outside -\n", metadata_end));
    REQUIRE(::symlink("..", concat(here.path, "/tree/up").c_str()) == 0);
    CHECK(run(concat(command, "tree")) != 0);
  }
}

}  // namespace hostile_test
