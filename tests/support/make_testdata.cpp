// SPDX-License-Identifier: Apache-2.0
// Writes testdata/: make_testdata DIR. No clock, no random numbers: the same files every time.
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include "support/testdata_cases.hpp"

namespace {

void write(std::filesystem::path const& path, sysb::test::bytes const& content) {
  std::ofstream out{path, std::ios::binary | std::ios::trunc};
  out.write(reinterpret_cast<char const*>(content.data()), static_cast<std::streamsize>(content.size()));
  out.close();
  if (!out) { throw std::runtime_error{"cannot write " + path.string()}; }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: make_testdata DIR\n";
    return 2;
  }
  try {
    for (auto const& c : sysb::test::all_cases()) {
      auto const folder = std::filesystem::path{argv[1]} / c.folder;
      std::filesystem::create_directories(folder);
      for (auto const& f : c.files) { write(folder / f.name, f.content); }
    }
  } catch (std::exception const& e) {
    std::cerr << "make_testdata: " << e.what() << '\n';
    return 1;
  }
  return 0;
}
