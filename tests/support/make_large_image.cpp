// SPDX-License-Identifier: Apache-2.0
// make_large_image FILE: a system image of about 50 MB, for what only shows in large ones: readers that run
// ahead, several frames of an archive, many workers.
#include <cstddef>
#include <exception>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>

#include "support/image_builder.hpp"
#include "support/system_image.hpp"

namespace {

using namespace sysb::test;

void write(char const* name) {
  image_builder system;
  add_system(system, {});
  image_builder more;
  more.volume();
  auto const first = more.bytes().size();
  for (unsigned i = 0; i < 1'000; ++i) {
    auto const path = "./home/large/file" + std::to_string(i);
    if (i % 10 == 0) {
      more.packed_file(path, letters(20'000, i));
    } else {
      more.file(path, letters(50'000, i));
    }
  }
  // Records do not know where they stand: those of the second image go before the end of the first.
  auto const a = system.bytes();
  auto const b = more.bytes();
  auto const end = static_cast<std::streamsize>(system.members().back().end);
  std::ofstream out{name, std::ios::binary | std::ios::trunc};
  auto const* const from = reinterpret_cast<char const*>(a.data());
  out.write(from, end);
  out.write(reinterpret_cast<char const*>(b.data()) + first, static_cast<std::streamsize>(b.size() - first));
  out.write(from + end, static_cast<std::streamsize>(a.size()) - end);
  out.close();
  if (!out) { throw std::runtime_error{"cannot write the image"}; }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: make_large_image FILE\n";
    return 2;
  }
  try {
    write(argv[1]);
  } catch (std::exception const& e) {
    std::cerr << "make_large_image: " << e.what() << '\n';
    return 1;
  }
  return 0;
}
