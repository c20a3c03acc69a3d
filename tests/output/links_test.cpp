// SPDX-License-Identifier: Apache-2.0
// Hard links whose names come twice, from images as the builder writes them into every output, unpacked by
// tools that are not ours.
#include <doctest/doctest.h>
#include <sys/wait.h>

#include <array>
#include <cctype>
#include <map>

#include "formats/backup_by_name/backup_by_name.hpp"
#include "io/io.hpp"
#include "output/output.hpp"
#include "pipeline/pipeline.hpp"
#include "support/image_builder.hpp"
#include "unit/output/support.hpp"

namespace links_test {

using namespace sysb;
using namespace sysb::test;

namespace {

constexpr std::string_view shared = "the content of the linked file\n";

// Lower case: a name of the linked file. Upper case: a file of its own of that name; with '>' a symbolic
// link, with '/' a directory.
struct example {
  std::vector<std::string> members;
  link_layout how;
  bool data_last;

  [[nodiscard]] bool replaced_after_links() const;
  [[nodiscard]] std::string text() const {
    std::string out = concat("layout ", static_cast<int>(how), data_last ? ", data last:" : ":");
    for (auto const& m : members) { out += concat(' ', m); }
    return out;
  }
};

bool linked(std::string const& m) { return m.size() == 1 && std::islower(static_cast<unsigned char>(m[0])) != 0; }

bool example::replaced_after_links() const {
  std::size_t links = 0;
  for (auto const& m : members) {
    if (linked(m)) {
      ++links;
    } else if (links > 1) {
      return true;
    }
  }
  return false;
}

std::string name_of(std::string const& m) {
  return concat('h', static_cast<char>(std::tolower(static_cast<unsigned char>(m[0]))));
}

bytes image_of(example const& x) {
  std::size_t links = 0;
  for (auto const& m : x.members) { links += linked(m) ? 1U : 0U; }
  member_options as_link;
  as_link.ino = 502;
  as_link.nlink = static_cast<std::uint32_t>(links);
  image_builder b;
  b.volume().directory("./");
  std::size_t seen = 0;
  for (std::size_t i = 0; i < x.members.size(); ++i) {
    auto const& m = x.members[i];
    auto const path = concat("./", name_of(m));
    if (linked(m)) {
      auto const place = seen++;
      if (place == (x.data_last ? links - 1 : 0)) {
        b.file(path, shared, as_link);
      } else {
        b.hard_link(path, shared, x.how, as_link);
      }
    } else if (m.size() == 1) {
      b.file(path, concat("own content ", i, '\n'));
    } else if (m[1] == '>') {
      b.symlink(path, "elsewhere");
    } else {
      b.directory(path);
    }
  }
  return b.end().bytes();
}

std::string expected_of(example const& x) {
  std::map<std::string, std::string> names;
  for (std::size_t i = 0; i < x.members.size(); ++i) {
    auto const& m = x.members[i];
    names[name_of(m)] = linked(m)       ? std::string{shared}
                        : m.size() == 1 ? concat("own content ", i, '\n')
                        : m[1] == '>'   ? "-> elsewhere"
                                        : "directory";
  }
  std::string out;
  for (auto const& [name, what] : names) { out += concat(name, '=', what, ';'); }
  return out;
}

std::string found_in(std::string const& dir, example const& x) {
  std::map<std::string, std::string> names;
  for (auto const& m : x.members) {
    auto const path = concat(dir, '/', name_of(m));
    auto& what = names[name_of(m)];
    if (!exists(path)) {
      what = "missing";
    } else if (auto const st = stat_of(path); S_ISREG(st.st_mode)) {
      what = slurp(path);
    } else {
      what = S_ISLNK(st.st_mode) ? concat("-> ", link_target(path)) : std::string{"directory"};
    }
  }
  std::string out;
  for (auto const& [name, what] : names) { out += concat(name, '=', what, ';'); }
  return out;
}

struct errors_only : ledger {
  errors_only()
      : ledger{[this](diagnostic const& d) {
          if (d.effective() == severity::error) { errors += concat(d.code->id, ' ', d.path, ' ', d.text(), '\n'); }
        }} {}
  std::string errors;
};

struct written {
  std::string errors;
  bool complete = false;
};

template <typename MakeSink>
written write(bytes const& image, bool last_wins, unsigned threads, MakeSink const& make) {
  errors_only d;
  auto const source = io::from_memory(image);
  auto const reader = backup_by_name::format().open(*source, limits{}, d);
  std::unique_ptr<entry_sink> const sink = make(*reader, d);
  keep_all plan;
  output_kind const any{"any", "", {}};
  written out;
  out.complete =
      pipeline::copy_members(*reader, plan, *sink, {.target = &any, .last_name_wins = last_wins, .threads = threads}, d)
          .complete;
  sink->finish();
  out.errors = d.errors;
  return out;
}

void write_tree(bytes const& image, std::string const& dir, unsigned threads) {
  REQUIRE(::mkdir(dir.c_str(), 0755) == 0);
  file_descriptor const at{dir, O_RDONLY | O_DIRECTORY};
  auto const got = write(image, false, threads, [&](image_reader const&, diagnostic_sink& d) {
    return output::make_tree_sink(at.get(), {.privileged = ::geteuid() == 0, .sync = false}, d);
  });
  CHECK(got.complete);
  CHECK(got.errors == "");
}

std::vector<example> examples() {
  std::vector<std::vector<std::string>> const orders{
      {"a", "A", "b"},      {"a", "A>", "b"}, {"a", "A/", "b"},         {"a", "a", "b"},      {"b", "a", "A"},
      {"A", "a", "b"},      {"A>", "a", "b"}, {"a", "b", "A", "c"},     {"a", "A", "b", "c"}, {"a", "A", "a", "b"},
      {"a", "b", "b", "A"}, {"A/", "a", "b"}, {"a", "A", "b", "B", "c"}};
  std::vector<example> out;
  for (auto const& o : orders) {
    out.push_back({o, link_layout::repeated, false});
    for (auto const how : {link_layout::empty, link_layout::empty_bare, link_layout::sized, link_layout::sized_bare}) {
      out.push_back({o, how, false});
    }
    out.push_back({o, link_layout::empty, true});
  }
  return out;
}

}  // namespace

TEST_CASE("hard links whose names come twice: every archive unpacks to what the image says") {
  temp_dir const dir;
  auto const all = examples();
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto const image = image_of(all[i]);
    INFO(all[i].text());
    for (std::string const format : {"pax", "ustar", "gnutar", "newc"}) {
      INFO(format);
      file_descriptor const fd{dir / concat(i, '.', format), O_RDWR | O_CREAT | O_TRUNC};
      auto const got = write(image, false, 1, [&](image_reader const&, diagnostic_sink& d) {
        return output::make_archive_sink(fd.get(), {.format = format}, d);
      });
      CHECK(got.complete);
      CHECK(got.errors == "");
    }
  }
  // Without -U bsdtar writes through the hard links of a name that comes again.
  auto const script = concat(
      "cd ", dir.path(), " && for f in *.pax *.ustar *.gnutar; do mkdir $f.d && tar -C $f.d -xf $f || exit 1; done && ",
      "if command -v bsdtar; then for f in *.pax *.newc; do mkdir $f.b && bsdtar -C $f.b -xUf $f || exit 1; done; fi "
      "&& ",
      "if command -v cpio; then for f in *.newc; do mkdir $f.d && (cd $f.d && cpio -idu < ../$f) || exit 1; done; fi");
  CHECK(std::system(concat("( ", script, " ) > ", dir / "log", " 2>&1").c_str()) == 0);
  for (std::size_t i = 0; i < all.size(); ++i) {
    INFO(all[i].text());
    for (std::string const how : {"pax.d", "ustar.d", "gnutar.d", "pax.b", "newc.b", "newc.d"}) {
      auto const at = dir / concat(i, '.', how);
      // GNU cpio makes links at its very end, by name: what replaced the name by then is what it links to.
      if (how == "newc.d" && all[i].replaced_after_links()) { continue; }
      if (exists(at)) { CHECK_MESSAGE(found_in(at, all[i]) == expected_of(all[i]), how); }
    }
  }
}

TEST_CASE("likewise trees, by one thread and by several, and system images") {
  temp_dir const dir;
  std::size_t number = 0;
  for (auto const& x : examples()) {
    auto const image = image_of(x);
    INFO(x.text());
    for (unsigned threads : {1u, 3u}) {
      auto const at = dir / concat("tree", number++);
      write_tree(image, at, threads);
      CHECK(found_in(at, x) == expected_of(x));
    }
    for (bool last_wins : {false, true}) {
      INFO(last_wins);
      auto const path = dir / concat("image", number);
      {
        file_descriptor const fd{path, O_RDWR | O_CREAT | O_TRUNC};
        auto const got = write(image, last_wins, 1, [&](image_reader const& r, diagnostic_sink& d) {
          return backup_by_name::make_bff_sink(fd.get(), r.volume_header(), d);
        });
        CHECK(got.complete);
        CHECK(got.errors == "");
      }
      auto const text = slurp(path);
      auto const again = as_bytes(text);
      auto const at = dir / concat("again", number++);
      write_tree({again.begin(), again.end()}, at, 1);
      CHECK(found_in(at, x) == expected_of(x));
    }
  }
}

}  // namespace links_test
