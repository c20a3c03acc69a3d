// SPDX-License-Identifier: Apache-2.0
// show_file IMAGE PATH: the content of one file, unpacked, to standard output. PATH as in the image: ./etc/motd
#include <exception>
#include <iostream>

#include <sysb/archive.hpp>
#include <sysb/outputs.hpp>

namespace {

constexpr std::uint64_t most_bytes = 16u << 20;

struct to_stderr : sysb::diagnostic_sink {
  bool damaged = false;
  void report(sysb::diagnostic const& d) override {
    damaged = damaged || d.effective() == sysb::severity::error;
    std::cerr << sysb::to_text(d.effective()) << ": " << d.text() << " [" << d.code->id << "]\n";
  }
};

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::cerr << "usage: show_file IMAGE PATH\n";
    return 2;
  }
  to_stderr findings;
  sysb::registry::image_spec what;
  what.volumes = {argv[1]};
  auto const image = sysb::registry::open_image(what, {}, findings);
  sysb::entry member;
  while (image.reader->next(member)) {
    if (member.path != argv[2] || member.kind != sysb::entry_kind::file) { continue; }
    auto const content = sysb::pipeline::read_content(*image.reader, member, most_bytes, findings);
    std::cout << sysb::as_text(content) << std::flush;
    return findings.damaged ? 3 : 0;
  }
  std::cerr << "show_file: no such file in the image\n";
  return 1;
} catch (std::exception const& e) {
  std::cerr << "show_file: " << e.what() << '\n';
  return 1;
}
