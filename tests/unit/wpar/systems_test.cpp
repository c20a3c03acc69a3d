// SPDX-License-Identifier: Apache-2.0
// Which images come from one system, and which only look like it.
#include "wpar/systems.hpp"

#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "wpar/facts.hpp"

namespace sysb::wpar {

namespace {

system_identity of(std::string machine, std::string partition, std::string host, std::string node = {},
                   std::string date = {}) {
  return {std::move(machine), std::move(partition), std::move(host), std::move(node), std::move(date)};
}

std::vector<std::vector<std::size_t>> groups(std::vector<system_identity> const& all) {
  std::vector<std::vector<std::size_t>> out;
  for (auto const& g : images_of_one_system(all)) { out.push_back(g.images); }
  return out;
}

using sets = std::vector<std::vector<std::size_t>>;

}  // namespace

TEST_CASE("machine and host name together are a system, one of them alone is none") {
  CHECK(groups({of("A", "", "web"), of("B", "", "web"), of("A", "", "db"), of("A", "", "web")}) == sets{{0, 3}});
  CHECK(groups({of("", "", "web"), of("", "", "web"), of("A", "", ""), of("A", "", "")}).empty());
  CHECK(groups({}).empty());
  CHECK(groups({of("A", "", "web")}).empty());
}

TEST_CASE("two partitions of a machine are two systems, whatever they are called") {
  CHECK(groups({of("A", "1", "localhost"), of("A", "2", "localhost")}).empty());
  CHECK(groups({of("A", "1", "localhost"), of("A", "2", "localhost"), of("A", "1", "localhost")}) == sets{{0, 2}});
}

TEST_CASE("an image that does not tell its partition belongs to it where there is only one") {
  CHECK(groups({of("A", "", "web"), of("A", "3", "web")}) == sets{{0, 1}});
  CHECK(groups({of("A", "", "web"), of("A", "3", "web"), of("A", "4", "web")}).empty());
}

TEST_CASE("one RSCT node id is one system or a copy of it, on any machine") {
  std::vector<system_identity> const all{of("A", "1", "old", "00f1"), of("C", "", "x", "77"),
                                         of("B", "2", "new", "00f1")};
  CHECK(groups(all) == sets{{0, 2}});
  CHECK(images_of_one_system(all).front().why == "RSCT node id 00f1, of one system or of copies of it");
}

TEST_CASE("what joins by name and by node id is one group, and the reason claims no more than is the same") {
  std::vector<system_identity> const all{of("A", "", "web"), of("A", "", "web", "9"), of("B", "", "other", "9")};
  CHECK(groups(all) == sets{{0, 1, 2}});
  CHECK(images_of_one_system(all).front().why == "machine and host name, or RSCT node id");
}

TEST_CASE("the reason names what is the same, made safe, and compares the dates where all are told") {
  auto const why = [](std::string const& a, std::string const& b) {
    return images_of_one_system(std::vector{of("A\x1b[1m", "", "web", "", a), of("A\x1b[1m", "", "web", "", b)})
        .front()
        .why;
  };
  CHECK(why("Mon", "") == "machine A\\x1b[1m and host name web");
  CHECK(why("Mon", "Mon") == "machine A\\x1b[1m and host name web, made at the same time");
  CHECK(why("Mon", "Tue") == "machine A\\x1b[1m and host name web, made at different times");
}

TEST_CASE("an identity comes from image.data, the host name of inet0 and the first word of ct_node_id") {
  facts f;
  f.image_data.uname_info = "AIX fromuname 1 7 00F1\n";
  f.image_data.lpar_id = "4";
  f.image_data.date_time = "Mon";
  CHECK(identity_of(f) == of("00F1", "4", "fromuname", "", "Mon"));
  f.image_data.cpu_id = "00F2";
  f.inet_hostname = "frominet";
  f.ct_node_id = {read_state::ok, {}, "0123abcd  \n# made at noon\n"};
  CHECK(identity_of(f) == of("00F2", "4", "frominet", "0123abcd", "Mon"));
  CHECK(identity_of(f).text() == "00F2|frominet");
  f.image_data.cpu_id = std::string(100'000, 'x');
  CHECK(identity_of(f).machine.size() == 256);
  CHECK(identity_of(facts{}).text().empty());
}

TEST_CASE("thousands of images of one name take no time") {
  std::vector<system_identity> const all(20'000, of("A", "1", "localhost", "7"));
  CHECK(images_of_one_system(all).front().images.size() == all.size());
}

}  // namespace sysb::wpar
