// SPDX-License-Identifier: Apache-2.0
// --verify: what stands there is held against what was written, whatever changes it in between.
#include "jobs/verify.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>

#include "jobs/copy_run.hpp"
#include "jobs/image.hpp"
#include "jobs/output.hpp"
#include "support.hpp"

namespace sysb::jobs::verify_test {

namespace {

struct verdict {
  bool same = false;
  bool content_verified = true;
  names said;
};

// A whole image goes into the output, `meanwhile` gets its descriptor, and the result is held against what was written.
verdict verified(std::string_view format, std::function<void(int)> const& meanwhile,
                 output::compression compress = output::compression::none) {
  folder f;
  recorder told;
  wpar_request r;
  r.image = image_of(sample("good/rootvg-7.1"), f);
  r.to.kind = find_output(format);
  r.to.path = f.at("out");
  r.to.compress = compress;
  auto image = open_image(r.image, false, told);
  opened_output to{r.to, *image.reader, 1, told.findings};
  written_record record{r.image.tmpdir};
  to.wrap([&](auto inner) { return make_recording_sink(std::move(inner), record, told.findings); });
  keep_all plan;
  outcome done;
  copy_run work{told, image, plan, to.sink(), done};
  work.options.tmpdir = r.image.tmpdir;
  work.write_to(r.to);
  work.run("write");
  REQUIRE(work.may_commit());
  told.lines.clear();
  meanwhile(r.to.tree() ? to.tree() : to.file());
  verdict out;
  out.same = verify_output(told, to, r, record, done);
  out.content_verified = done.content_verified.value_or(true);
  out.said = told.lines;
  return out;
}

void nothing(int) {}

// One byte of the content of ./etc/motd.
void spoil(int fd) {
  std::string all(static_cast<std::size_t>(::lseek(fd, 0, SEEK_END)), '\0');
  REQUIRE(::pread(fd, all.data(), all.size(), 0) == static_cast<ssize_t>(all.size()));
  auto const at = all.find("Welcome to an");
  REQUIRE(at != std::string::npos);
  REQUIRE(::pwrite(fd, "w", 1, static_cast<off_t>(at)) == 1);
}

}  // namespace

TEST_CASE("an output that nobody touched is what was written") {
  for (auto const* const format : {"tree", "pax", "ustar", "newc", "bff"}) {
    CAPTURE(format);
    auto const v = verified(format, nothing);
    CHECK(v.same);
    CHECK(v.content_verified);
    CHECK(v.said.empty());
  }
  CHECK(verified("pax", nothing, output::compression::zstd).same);
}

TEST_CASE("a byte of a file that changed is found, in an archive and an image") {
  for (auto const* const format : {"pax", "ustar", "newc", "bff"}) {
    CAPTURE(format);
    auto const v = verified(format, spoil);
    CHECK_FALSE(v.same);
    REQUIRE(v.said.size() == 1);
    CHECK(v.said.front().find(" etc/motd") != std::string::npos);
  }
}

TEST_CASE("whatever of a tree is not as it was written is found") {
  struct {
    char const* what;
    std::function<void(int)> change;
  } const cases[]{
      {"content",
       [](int top) {
         int const fd = ::openat(top, "etc/motd", O_WRONLY);
         struct stat st {};
         REQUIRE((::fstat(fd, &st) == 0 && ::pwrite(fd, "#", 1, 0) == 1));
         timespec const times[]{st.st_atim, st.st_mtim};
         REQUIRE((::futimens(fd, times) == 0 && ::close(fd) == 0));
       }},
      {"length",
       [](int top) {
         int const fd = ::openat(top, "etc/motd", O_WRONLY);
         struct stat st {};
         REQUIRE((::fstat(fd, &st) == 0 && ::ftruncate(fd, st.st_size + 1) == 0));
         timespec const times[]{st.st_atim, st.st_mtim};
         REQUIRE((::futimens(fd, times) == 0 && ::close(fd) == 0));
       }},
      {"mode", [](int top) { REQUIRE(::fchmodat(top, "etc/motd", 0601, 0) == 0); }},
      {"time",
       [](int top) {
         timespec const times[]{{1, 0}, {1, 0}};
         REQUIRE(::utimensat(top, "etc/motd", times, 0) == 0);
       }},
      {"kind",
       [](int top) { REQUIRE((::unlinkat(top, "etc/motd", 0) == 0 && ::mkfifoat(top, "etc/motd", 0644) == 0)); }},
      {"removal", [](int top) { REQUIRE(::unlinkat(top, "etc/motd", 0) == 0); }},
  };
  for (auto const& c : cases) {
    CAPTURE(c.what);
    auto const v = verified("tree", [&](int top) {
      struct stat above {};
      REQUIRE(::fstatat(top, "etc", &above, 0) == 0);
      c.change(top);
      timespec const times[]{above.st_atim, above.st_mtim};
      REQUIRE(::utimensat(top, "etc", times, 0) == 0);
    });
    CHECK_FALSE(v.same);
    REQUIRE(v.said.size() == 1);
    CHECK(v.said.front().find(" etc/motd") != std::string::npos);
  }
}

TEST_CASE("directories that the image does not hold are held against what they should be, too") {
  for (bool const mode : {true, false}) {
    CAPTURE(mode);
    auto const v = verified("tree", [&](int top) {
      timespec const times[]{{1, 0}, {1, 0}};
      REQUIRE((mode ? ::fchmodat(top, "tmp/vgdata", 0700, 0) : ::utimensat(top, "tmp/vgdata", times, 0)) == 0);
    });
    CHECK_FALSE(v.same);
    REQUIRE(v.said.size() == 1);
    CHECK(v.said.front().find(" tmp/vgdata") != std::string::npos);
  }
}

TEST_CASE("an archive that ends early, or goes on, is no output") {
  auto const cut = [](int fd) { REQUIRE(::ftruncate(fd, 4096) == 0); };
  for (auto const* const format : {"pax", "newc", "bff"}) {
    CAPTURE(format);
    bool ended = false;
    verdict v;
    try {
      v = verified(format, cut);
    } catch (fatal_error const&) { ended = true; }
    CHECK((ended || !v.same));
  }
}

TEST_CASE("what is remembered comes back as it was, in its order") {
  folder f;
  written_record record{f.at(".")};
  written_record::member a{.path = "a",
                           .kind = entry_kind::symlink,
                           .size = 5,
                           .link = true,
                           .raw = false,
                           .permissions = 04755,
                           .uid = 7,
                           .gid = 0xfffffffe,
                           .mtime = -3,
                           .digest = digest_of({}),
                           .record_bytes = 0};
  auto b = a;
  b.path = std::string(3000, 'b');
  b.link = false;
  b.raw = true;
  record.add(a);
  record.add(b);
  for (int turn = 0; turn < 2; ++turn) {
    record.rewind();
    for (auto const* const wanted : {&a, &b}) {
      written_record::member got;
      REQUIRE(record.next(got));
      CHECK(got.path == wanted->path);
      CHECK(got.kind == wanted->kind);
      CHECK(got.size == 5);
      CHECK(got.link == wanted->link);
      CHECK(got.raw == wanted->raw);
      CHECK(got.permissions == 04755);
      CHECK(got.uid == 7);
      CHECK(got.gid == 0xfffffffe);
      CHECK(got.mtime == -3);
      CHECK(got.digest == digest_of({}));
    }
    written_record::member none;
    CHECK_FALSE(record.next(none));
  }
}

}  // namespace sysb::jobs::verify_test
