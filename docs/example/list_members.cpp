// SPDX-License-Identifier: Apache-2.0
// list_members IMAGE: the names in an AIX system backup, whatever it is packed or carried in.
#include <exception>
#include <iostream>

#include <sysb/archive.hpp>

namespace {

struct to_stderr : sysb::diagnostic_sink {
  bool damaged = false;
  void report(sysb::diagnostic const& d) override {
    damaged = damaged || d.effective() == sysb::severity::error;
    std::cerr << sysb::to_text(d.effective()) << ": " << d.text() << " [" << d.code->id << "]\n";
  }
};

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) {
    std::cerr << "usage: list_members IMAGE\n";
    return 2;
  }
  to_stderr findings;
  sysb::registry::image_spec what;
  what.volumes = {argv[1]};
  auto const image = sysb::registry::open_image(what, {}, findings);
  sysb::entry member;
  while (image.reader->next(member)) { std::cout << sysb::printable(member.path) << '\n'; }
  return findings.damaged || !image.reader->complete() ? 3 : 0;
} catch (std::exception const& e) {
  std::cerr << "list_members: " << e.what() << '\n';
  return 1;
}
