// SPDX-License-Identifier: Apache-2.0
// Contents against inventories: an installp package, and an installed system with updates.
#include "inventory/verifier.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bsd_sum.hpp"
#include "base/text.hpp"
#include "formats/aix_archive/aix_archive.hpp"
#include "formats/odm/class_builder.hpp"
#include "inventory/diagnostics.hpp"

namespace verifier_test {

using namespace sysb;
using inventory::outcome;
using inventory::state;

namespace {

std::uint16_t sum_of(std::string_view text) { return bsd_sum_by_bytes(0, as_bytes(text)); }

struct collected final : diagnostic_sink {
  void report(diagnostic const& d) override { all.push_back(d); }
  [[nodiscard]] std::size_t count(diag_code const& c) const {
    return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](auto const& d) { return d.code == &c; }));
  }
  [[nodiscard]] std::size_t errors() const {
    return static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [](auto const& d) { return d.effective() == severity::error; }));
  }
  [[nodiscard]] bool names(diag_code const& c, std::string_view path) const {
    return std::any_of(all.begin(), all.end(), [&](auto const& d) { return d.code == &c && d.path == path; });
  }
  std::vector<diagnostic> all;
};

// Members in the order in which they are added.
class image {
 public:
  struct options {
    std::uint32_t mode = 0644, uid = 0, gid = 0, nlink = 1, ino = 0;
    entry_kind kind = entry_kind::file;
    std::string target = {};
    bool elsewhere = false;
  };
  image& add(std::string path, std::string content, options o) {
    entry e;
    e.path = std::move(path);
    e.kind = o.kind;
    e.mode = o.mode;
    e.uid = o.uid;
    e.gid = o.gid;
    e.nlink = o.nlink;
    e.ino = o.ino;
    e.target = o.target;
    e.offset = at_;
    e.size = o.elsewhere ? 0 : content.size();
    e.stored = e.size;
    e.content = o.elsewhere                                      ? content_state::elsewhere
                : o.kind == entry_kind::file && !content.empty() ? content_state::here
                                                                 : content_state::none;
    at_ += 512 + content.size();
    members_.emplace_back(std::move(e), std::move(content));
    return *this;
  }
  image& add(std::string path, std::string content) { return add(std::move(path), std::move(content), options{}); }
  image& gap(std::uint64_t bytes) {
    at_ += bytes;
    return *this;
  }
  std::string& content(std::string_view path) {
    auto const at = std::find_if(members_.begin(), members_.end(), [&](auto const& m) { return m.first.path == path; });
    REQUIRE(at != members_.end());
    return at->second;
  }
  inventory::report check(collected& d) {
    v = std::make_unique<inventory::verifier>(limits{});
    for (auto const& [e, content] : members_) {
      if (v->wants(e)) { v->take(e, as_bytes(content)); }
      std::optional<std::uint16_t> sum;
      if (e.content == content_state::here) { sum = sum_of(content); }
      v->member(e, sum);
    }
    return v->finish(d);
  }
  std::unique_ptr<inventory::verifier> v;

 private:
  std::vector<std::pair<entry, std::string>> members_;
  std::uint64_t at_ = 512;
};

std::string text_of(std::vector<std::byte> const& b) { return std::string{as_text(b)}; }

std::string file_stanza(std::string_view path, std::string_view content, std::string_view more = {}) {
  auto digits = concat(std::uint64_t{sum_of(content)});
  digits.insert(0, 5 - digits.size(), '0');
  return concat(
      path, ":\n\towner = root\n\tgroup = system\n\tmode = 644\n\ttype = FILE\n\tclass = apply,inventory\n\tsize = ",
      std::uint64_t{content.size()}, "\n\tchecksum = \"", digits, "    ", sum_blocks(content.size()), " \"\n", more,
      "\n");
}

std::string volatile_stanza(std::string_view path) {
  return concat(path, ":\n\tmode = 644\n\ttype = FILE\n\tsize = VOLATILE\n\tchecksum = VOLATILE\n\n");
}

std::string liblpp(std::vector<std::pair<std::string, std::string>> const& lists, bool big = false) {
  std::vector<aix_archive::new_member> members;
  for (auto const& [name, text] : lists) { members.push_back({name, text}); }
  return text_of(aix_archive::build(members, big));
}

std::string long_text(char c, std::size_t n = 3000) { return std::string(n, c) + "tail\n"; }

constexpr std::string_view package_name =
    "4 R I invented {\n"
    "invented.rte 1.2.0.0 1 N B en_US An invention\n[\n%\n/usr/bin 16\n%\n%\n%\n]\n"
    "invented.doc 1.2.0.0 1 N U en_US Its pages\n[\n%\n/usr/share 16\n%\n%\n%\n]\n}\n";

image package() {
  image i;
  i.add("./lpp_name", std::string{package_name});
  i.add("./usr/lpp/invented/liblpp.a",
        liblpp({{"invented.rte.al", "./usr/bin/inv\n./usr/lib/inv.dat\n"},
                {"invented.rte.inventory", file_stanza("/usr/bin/inv", long_text('a')) +
                                               file_stanza("/usr/lib/inv.dat", "data\n") +
                                               "/usr/bin/inventor:\n\ttype = SYMLINK\n\ttarget = inv\n\n"},
                {"invented.doc.al", "./usr/share/inv.txt\n"},
                {"invented.doc.inventory", file_stanza("/usr/share/inv.txt", "page\n")}}));
  i.add("./usr/lpp/invented/inst_root/liblpp.a",
        liblpp({{"invented.rte.al", "./etc/inv.conf\n"},
                {"invented.rte.inventory", file_stanza("/etc/inv.conf", "x = 1\n")},
                {"invented.rte.cfgfiles", "./etc/inv.conf preserve\n"}},
               true));
  i.add("./usr/lpp/invented/inst_root/etc/inv.conf", "x = 1\n");
  i.add("./usr/bin/inv", long_text('a'));
  i.add("./usr/lib/inv.dat", "data\n");
  i.add("./usr/share/inv.txt", "page\n");
  return i;
}

// --- an installed system --------------------------------------------------------------------

struct row {
  std::string fileset;
  std::string path;
  std::string content;  // as the inventory says
};

struct system_rows {
  std::vector<std::string> filesets;
  std::vector<std::string> updated;
  std::vector<row> rows;
  bool right_sums = true;
};

void add_database(image& i, system_rows const& s) {
  odm::class_builder lpp{"lpp"};
  lpp.add_char("name", 64).add_short("state").add_short("ver").add_short("rel").add_short("mod").add_short("fix");
  lpp.add_char("description", 32).add_short("lpp_id");
  odm::class_builder product{"product"};
  product.add_char("lpp_name", 64).add_short("update").add_long("cp_flag");
  odm::class_builder inventory{"inventory"};
  inventory.add_short("lpp_id").add_vchar("loc0", 1024).add_long("size").add_long("checksum");
  std::map<std::string, std::int32_t> ids;
  for (auto const& name : s.filesets) {
    auto const id = static_cast<std::int32_t>(ids.size() + 1);
    ids[name] = id;
    lpp.add_record({name, std::int32_t{5}, std::int32_t{7}, std::int32_t{1}, std::int32_t{2}, std::int32_t{0},
                    std::string{"text"}, id});
    product.add_record({name, std::int32_t{0}, std::int32_t{0}});
  }
  for (auto const& name : s.updated) { product.add_record({name, std::int32_t{1}, std::int32_t{0}}); }
  for (auto const& r : s.rows) {
    auto const sum = static_cast<std::int32_t>(sum_of(r.content) ^ (s.right_sums ? 0 : 0x1234));
    inventory.add_record({ids.at(r.fileset), r.path, static_cast<std::int32_t>(r.content.size()), sum});
  }
  i.add("./usr/lib/objrepos/lpp", text_of(lpp.build()));
  i.add("./usr/lib/objrepos/product", text_of(product.build()));
  i.add("./usr/lib/objrepos/inventory", text_of(inventory.build()));
  i.add("./usr/lib/objrepos/inventory.vc", text_of(inventory.build_side_file()));
}

// Sixteen files of four filesets, taken in turn, with the rows in the database.
system_rows plain_system() {
  system_rows s;
  for (auto const* name : {"bos.rte", "bos.net", "app.one", "app.two"}) { s.filesets.emplace_back(name); }
  for (int k = 0; k < 16; ++k) {
    s.rows.push_back({s.filesets[static_cast<std::size_t>(k % 4)], concat("/usr/bin/command", k),
                      long_text(static_cast<char>('a' + k))});
  }
  return s;
}

image plain_image(system_rows const& s) {
  image i;
  add_database(i, s);
  for (auto const& r : s.rows) { i.add(concat('.', r.path), r.content).gap(2u << 20); }
  return i;
}

}  // namespace

TEST_CASE("a sound package is proven file by file, its root part below inst_root") {
  auto i = package();
  collected d;
  auto const r = i.check(d);
  CHECK(r.any);
  CHECK(r.is_package);
  CHECK(d.all.empty());
  CHECK(r.count(outcome::equal) == 4);
  CHECK(r.count(outcome::without_sums) == 1);  // the symbolic link is made when it is installed
  CHECK(r.filesets.size() == 2);
  CHECK(r.count(state::sound) == 2);
}

TEST_CASE("in a package every flipped byte is damage of a file that is named with its fileset") {
  for (auto const* path :
       {"./usr/bin/inv", "./usr/lib/inv.dat", "./usr/share/inv.txt", "./usr/lpp/invented/inst_root/etc/inv.conf"}) {
    auto base = package();
    auto const size = base.content(path).size();
    for (std::size_t at = 0; at<size; at += size> 100 ? 97 : 1) {
      auto i = package();
      i.content(path)[at] = static_cast<char>(i.content(path)[at] ^ 0x10);
      collected d;
      auto const r = i.check(d);
      CAPTURE(path);
      CAPTURE(at);
      REQUIRE(d.names(inventory::content_damaged, std::string{path}.substr(1)));
      REQUIRE(d.errors() == 1);
      REQUIRE(r.count(state::damaged) == 1);
    }
  }
}

TEST_CASE("a file that the apply list of a package promises and that is not there is an error") {
  image i;
  i.add("./lpp_name", std::string{package_name});
  i.add(
      "./usr/lpp/invented/liblpp.a",
      liblpp({{"invented.rte.al", "./usr/bin/inv\n"},
              {"invented.rte.inventory", file_stanza("/usr/bin/inv", "x\n") + file_stanza("/usr/bin/other", "y\n")}}));
  collected d;
  auto const r = i.check(d);
  CHECK(d.names(inventory::file_missing, "/usr/bin/inv"));
  CHECK_FALSE(d.names(inventory::file_missing, "/usr/bin/other"));
  CHECK(d.errors() == 1);
  CHECK(r.count(state::incomplete) == 1);
}

TEST_CASE("a row that denies itself is told apart from a damaged file") {
  image i;
  i.add("./lpp_name", std::string{package_name});
  auto text = file_stanza("/usr/bin/inv", long_text('a'));
  text.replace(text.find("    3 \""), 7, "    7 \"");
  i.add("./usr/lpp/invented/liblpp.a", liblpp({{"invented.rte.inventory", text}}));
  i.add("./usr/bin/inv", long_text('b'));
  collected d;
  (void)i.check(d);
  CHECK(d.count(inventory::row_damaged) == 1);
  CHECK(d.count(inventory::content_damaged) == 0);
  CHECK(d.errors() == 1);
}

TEST_CASE("a sound system is sound, by the sums of the database alone") {
  auto i = plain_image(plain_system());
  collected d;
  auto const r = i.check(d);
  CHECK(r.database_sums);
  CHECK(r.agreeing == 16);
  CHECK(r.count(outcome::equal) == 16);
  CHECK(r.count(state::sound) == 4);
  CHECK(d.all.empty());
}

TEST_CASE("sums of the database that agree with nothing are not believed, and that is said") {
  auto s = plain_system();
  s.right_sums = false;
  auto i = plain_image(s);
  collected d;
  auto const r = i.check(d);
  CHECK_FALSE(r.database_sums);
  CHECK(d.count(inventory::sums_not_believed) == 1);
  CHECK(r.count(outcome::differs) == 0);
  CHECK(d.errors() == 0);
}

TEST_CASE("one changed file of a system is edited or damaged, never an error") {
  auto i = plain_image(plain_system());
  i.content("./usr/bin/command5")[100] = '!';
  collected d;
  auto const r = i.check(d);
  CHECK(d.names(inventory::content_differs, "/usr/bin/command5"));
  CHECK(d.errors() == 0);
  CHECK(r.count(outcome::differs) == 1);
  CHECK(r.count(state::changed) == 1);
}

TEST_CASE("files of different filesets in one region that kept their length are damage") {
  auto i = plain_image(plain_system());
  for (auto const* path : {"./usr/bin/command5", "./usr/bin/command6"}) { i.content(path)[100] = '!'; }
  collected d;
  auto const r = i.check(d);
  CHECK(d.names(inventory::content_damaged, "/usr/bin/command5"));
  CHECK(d.names(inventory::content_damaged, "/usr/bin/command6"));
  CHECK(d.errors() == 2);
  CHECK(r.count(state::damaged) == 2);
}

TEST_CASE("changed lengths, one fileset alone and files far apart are no damage") {
  auto longer = plain_image(plain_system());
  for (auto const* path : {"./usr/bin/command5", "./usr/bin/command6"}) { longer.content(path) += "more"; }
  // The entry keeps the old size: build it anew with the longer content.
  auto s = plain_system();
  image i;
  add_database(i, s);
  for (auto const& r : s.rows) {
    bool const edited = r.path == "/usr/bin/command5" || r.path == "/usr/bin/command6";
    i.add(concat('.', r.path), edited ? r.content + "more" : r.content);
  }
  collected d;
  CHECK(i.check(d).count(outcome::differs) == 2);
  CHECK(d.errors() == 0);

  auto one = plain_image(s);
  for (auto const* path : {"./usr/bin/command1", "./usr/bin/command5"}) { one.content(path)[7] = '!'; }
  collected of_one;
  CHECK(one.check(of_one).count(outcome::differs) == 2);
  CHECK(of_one.errors() == 0);

  auto apart = plain_image(s);
  for (auto const* path : {"./usr/bin/command1", "./usr/bin/command6"}) { apart.content(path)[7] = '!'; }
  collected far;
  CHECK(apart.check(far).count(outcome::differs) == 2);
  CHECK(far.errors() == 0);
}

TEST_CASE("every category of an installed system is counted right, without a false alarm") {
  system_rows s;
  s.filesets = {"base.rte", "base.net", "over.rte"};
  s.updated = {"base.net"};
  image i;
  i.add("./etc/passwd", "root:!:0:0::/:/usr/bin/ksh\nbin:!:2:2::/bin:\n");
  i.add("./etc/group", "system:!:0:root\nbin:!:2:root,bin\n");
  i.add("./lib", "", {.kind = entry_kind::symlink, .target = "/usr/lib"});
  add_database(i, s);
  i.add("./usr/lpp/base/liblpp.a",
        liblpp({{"base.rte.inventory",
                 file_stanza("/usr/bin/equal", "same\n") + file_stanza("/usr/bin/edited", "as shipped\n") +
                     volatile_stanza("/etc/volatile") + file_stanza("/usr/bin/gone", "gone\n") +
                     file_stanza("/etc/base.conf", "x = 1\n") + file_stanza("/usr/bin/shared", "by base\n") +
                     file_stanza("/usr/bin/first", "linked\n", "\tlinks = /usr/bin/second\n") +
                     "/usr/bin/soft:\n\tmode = 777\n\ttype = SYMLINK\n\ttarget = equal\n\n" +
                     file_stanza("/lib/way.a", "over a link\n") +
                     "/usr/data:\n\towner = bin\n\tgroup = bin\n\tmode = 755\n\ttype = DIRECTORY\n\n"},
                {"base.rte.cfgfiles", "./etc/base.conf preserve\n"},
                {"base.net.inventory", file_stanza("/usr/sbin/netd", "old netd\n")}}));
  i.add("./usr/lpp/over/liblpp.a", liblpp({{"over.rte.inventory", file_stanza("/usr/bin/shared", "by over\n")}}));
  i.add("./usr/lpp/base/inst_root/liblpp.a", liblpp({{"base.rte.inventory", file_stanza("/etc/root.dat", "root\n")}}));
  i.add("./usr/lpp/base/inst_root/etc/root.dat", "root\n");
  i.add("./etc/root.dat", "root\n");
  i.add("./usr/bin/equal", "same\n");
  i.add("./usr/bin/edited", "as somebody wants it\n");
  i.add("./etc/volatile", "anything\n");
  i.add("./etc/base.conf", "x = 2\n");
  i.add("./usr/bin/shared", "by over\n");
  i.add("./usr/bin/first", "linked\n", {.nlink = 2, .ino = 77});
  i.add("./usr/bin/second", "", {.nlink = 2, .ino = 77, .elsewhere = true});
  i.add("./usr/bin/soft", "", {.kind = entry_kind::symlink, .target = "equal"});
  i.add("./usr/lib/way.a", "over a link\n");
  i.add("./usr/data", "", {.mode = 0755, .uid = 2, .gid = 2, .kind = entry_kind::directory});
  i.add("./usr/sbin/netd", "new netd\n");
  collected d;
  auto const r = i.check(d);
  // equal, first, second, soft, way.a, data, shared (by over), root.dat and its shipped copy
  CHECK(r.count(outcome::equal) == 9);
  CHECK(r.count(outcome::differs) == 1);
  CHECK(r.count(outcome::without_sums) == 1);
  CHECK(r.count(outcome::absent) == 1);
  CHECK(r.count(outcome::config) == 1);
  CHECK(r.count(outcome::updated) == 2);  // shared for base, netd
  CHECK(r.count(outcome::damaged) == 0);
  CHECK(r.attributes == 0);
  CHECK(d.errors() == 0);
  CHECK(d.names(inventory::content_differs, "/usr/bin/edited"));
  CHECK(d.names(inventory::file_missing, "/usr/bin/gone"));
  CHECK(i.v->rows_of("usr/bin/shared", [](auto const&) {}) == 2);
  CHECK(i.v->files_of("over.rte", [](auto const&) {}) == 1);
}

TEST_CASE("mode, owner, kind and target that differ are notes") {
  image i;
  i.add("./etc/passwd", "root:!:0:0::/:/usr/bin/ksh\n");
  i.add("./etc/group", "system:!:0:root\n");
  add_database(i, {.filesets = {"a.rte"}, .updated = {}, .rows = {}});
  i.add("./usr/lpp/a/liblpp.a",
        liblpp({{"a.rte.inventory", file_stanza("/usr/bin/a", "a\n") + file_stanza("/usr/bin/b", "b\n") +
                                        "/usr/bin/c:\n\ttype = SYMLINK\n\ttarget = a\n\n"}}));
  i.add("./usr/bin/a", "a\n", {.mode = 0600, .uid = 5});
  i.add("./usr/bin/b", "", {.kind = entry_kind::directory});
  i.add("./usr/bin/c", "", {.kind = entry_kind::symlink, .target = "b"});
  collected d;
  auto const r = i.check(d);
  CHECK(r.attributes == 3);
  CHECK(d.count(inventory::attributes_differ) == 3);
  CHECK(d.errors() == 0);
}

TEST_CASE("an image without any inventory says so, and broken ones are findings") {
  image none;
  none.add("./home/a", "a\n");
  collected d;
  CHECK_FALSE(none.check(d).any);
  CHECK(d.all.empty());

  auto const whole = liblpp({{"a.rte.inventory", file_stanza("/usr/bin/a", "a\n")}});
  for (std::size_t cut = 0; cut < whole.size(); cut += 13) {
    image i;
    i.add("./usr/lpp/a/liblpp.a", whole.substr(0, cut));
    i.add("./usr/lib/objrepos/lpp", whole.substr(0, cut));
    i.add("./usr/bin/a", "a\n");
    collected of_cut;
    auto const r = i.check(of_cut);
    CHECK(of_cut.errors() == 0);
    CHECK(r.count(outcome::differs) == 0);
  }
}

}  // namespace verifier_test
