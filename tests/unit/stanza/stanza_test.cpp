// SPDX-License-Identifier: Apache-2.0
#include "formats/stanza/stanza.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace sysb::stanza;

namespace {

constexpr std::string_view image_data =
    "image_data:\n"
    "\tIMAGE_TYPE= bff\n"
    "\tDATE_TIME= Tue Jun 10 18:25:56 CEST 2014\n"
    "\tUNAME_INFO= AIX p770-2 1 6 00C673304C00\n"
    "\tOSLEVEL= 6.1.8.0\n"
    "\tLPAR_ID=\n"
    "\n"
    "##Command used for vg_data; /usr/sbin/lsvg\n"
    "\n"
    "vg_data:\n"
    "\tVGNAME= rootvg\n"
    "\n"
    "fs_data:\n"
    "\tFS_NAME= /\n"
    "\tFS_LV= /dev/hd4\n"
    "\n"
    "fs_data:\n"
    "\tFS_NAME= /usr\n"
    "\tFS_LV= /dev/hd2\n";

struct parsed {
  document doc;
  std::vector<fault> faults;
};
parsed parse(std::string_view text) {
  parsed out;
  out.doc = document::parse(text, out.faults);
  return out;
}
std::vector<std::pair<std::string_view, std::size_t>> ids(std::vector<fault> const& faults) {
  std::vector<std::pair<std::string_view, std::size_t>> out;
  for (auto const& f : faults) { out.emplace_back(f.code->id, f.line); }
  return out;
}
using found = std::vector<std::pair<std::string_view, std::size_t>>;

}  // namespace

TEST_CASE("an image.data is read stanza by stanza and written back byte for byte") {
  auto const p = parse(image_data);
  CHECK(p.faults.empty());
  REQUIRE(p.doc.stanzas().size() == 4);
  auto const* head = p.doc.find("image_data");
  REQUIRE(head != nullptr);
  CHECK(head->get("OSLEVEL") == "6.1.8.0");
  CHECK(head->get("DATE_TIME") == "Tue Jun 10 18:25:56 CEST 2014");
  CHECK(head->find("LPAR_ID") == std::string_view{});
  CHECK_FALSE(head->find("CPU_ID").has_value());
  CHECK(head->fields[3].line == 5);
  CHECK(p.doc.find_all("fs_data") == std::vector<std::size_t>{2, 3});
  CHECK(p.doc.stanzas()[3].get("FS_NAME") == "/usr");
  CHECK(p.doc.to_text() == image_data);
}

TEST_CASE("what people do to stanza files by hand changes nothing in their meaning") {
  for (std::string_view text : {
           "a:\n\tX= 1\n\tY= two words\n",
           "a:\nX=1\nY=two words\n",
           "a:  \r\n  X =1\r\n\t Y  =  two words  \r\n",
           "# c\n* c\na:\n\n  X=\"1\"\n## c\n  Y = \"two words\"   # said someone",
           "\n\na:\nX\t=\t1\n\n\nY=two words\n\n",
       }) {
    CAPTURE(text);
    auto const p = parse(text);
    CHECK(p.faults.empty());
    REQUIRE(p.doc.stanzas().size() == 1);
    CHECK(p.doc.stanzas()[0].name == "a");
    CHECK(p.doc.stanzas()[0].get("X") == "1");
    CHECK(p.doc.stanzas()[0].get("Y") == "two words");
    CHECK(p.doc.to_text() == text);
  }
}

TEST_CASE("a field at the margin whose value ends with a colon is no header") {
  auto const p = parse("a:\nLABEL= x:\nCONNECTION= scsi0//4,0\n/etc/a=b:\n\tmode=644\n");
  REQUIRE(p.doc.stanzas().size() == 2);
  CHECK(p.doc.stanzas()[0].get("LABEL") == "x:");
  CHECK(p.doc.stanzas()[1].name == "/etc/a=b");
  CHECK(p.faults.empty());
}

TEST_CASE("names of stanzas and fields may repeat") {
  auto const p = parse("name:\n value = \"/dev/a\"\nname:\n value = \"/dev/b\"\n value = \"/dev/c\"\n");
  CHECK(p.doc.find_all("name").size() == 2);
  CHECK(p.doc.stanzas()[1].find_all("value") == std::vector<std::string_view>{"/dev/b", "/dev/c"});
}

TEST_CASE("each fault is named with its line and stops nothing") {
  using namespace std::string_view_literals;
  auto const p = parse("X= 1\na:\n\tnonsense\n\tY= 2\n  b:\n\tZ= \"3\n\tN= a\0b\n\t= 4\n"sv);
  CHECK(ids(p.faults) ==
        found{{"STZ-002", 1}, {"STZ-001", 3}, {"STZ-006", 5}, {"STZ-007", 6}, {"STZ-003", 7}, {"STZ-001", 8}});
  REQUIRE(p.doc.stanzas().size() == 2);
  CHECK(p.doc.stanzas()[0].get("Y") == "2");
  CHECK(p.doc.stanzas()[1].get("Z") == "3");
  CHECK_FALSE(p.doc.stanzas()[1].find("N").has_value());
  CHECK(p.faults[1].detail == "\"nonsense\"");
}

TEST_CASE("a line or a file beyond all reason is kept and not used") {
  std::string text = "a:\n\tX= " + std::string(max_line_bytes, 'x') + "\n\tY= 1\n";
  auto const p = parse(text);
  CHECK(ids(p.faults) == found{{"STZ-004", 2}});
  CHECK(p.doc.stanzas()[0].get("Y") == "1");
  CHECK(p.doc.to_text() == text);

  std::string many = "a:\n";
  for (std::size_t i = 0; i < max_document_pieces + 10; ++i) { many += "b=\n"; }
  auto const q = parse(many);
  CHECK(ids(q.faults) == found{{"STZ-005", 0}});
  CHECK(q.doc.stanzas()[0].fields.size() < max_document_pieces);
  CHECK(q.doc.to_text() == many);

  std::string const huge = "a:\nX=1\n" + std::string(max_document_bytes, '\n') + "Y=1\n";
  auto const r = parse(huge);
  CHECK(ids(r.faults) == found{{"STZ-005", 0}});
  CHECK(r.doc.to_text() == huge);
}

TEST_CASE("one stanza is taken out and the rest stays as it was") {
  auto p = parse(image_data);
  p.doc.remove(2);
  auto want = std::string{image_data};
  auto const from = want.find("fs_data:");
  want.erase(from, want.find("fs_data:", from + 1) - from);
  CHECK(p.doc.to_text() == want);
  CHECK(p.doc.stanzas()[2].get("FS_NAME") == "/usr");
  p.doc.remove(1);
  CHECK(p.doc.to_text().find("vg_data:") == std::string::npos);
  CHECK(p.doc.to_text().find("##Command used for vg_data") != std::string::npos);
  while (!p.doc.stanzas().empty()) { p.doc.remove(0); }
  CHECK(p.doc.to_text() == "##Command used for vg_data; /usr/sbin/lsvg\n\n");
}

TEST_CASE("a field is changed in its own style and added in its neighbour's") {
  auto p = parse("a:\r\n  X =  \"old\"\r\nb:\n\tY=\n\tZ= 1\nc:");
  p.doc.set(0, "X", "new");
  p.doc.set(0, "W", "more");
  p.doc.set(1, "Y", "y");
  p.doc.set(1, "Z", "");
  p.doc.set(2, "V", "v\nw:");
  CHECK(p.doc.to_text() == "a:\r\n  X =  \"new\"\r\n  W =  \"more\"\r\nb:\n\tY=y\n\tZ= \nc:\n\tV= v w:\n");
  auto const again = parse(p.doc.to_text());
  CHECK(again.faults.empty());
  CHECK(again.doc.stanzas()[0].get("W") == "more");
  CHECK(p.doc.stanzas()[2].get("V") == "v w:");
  p.doc.remove(1);
  p.doc.set(1, "V", "2");
  CHECK(p.doc.to_text() == "a:\r\n  X =  \"new\"\r\n  W =  \"more\"\r\nc:\n\tV= 2\n");
}

TEST_CASE("a stanza is added as mkszfile would write it") {
  auto p = parse("a:\n\tX= 1");
  CHECK(p.doc.add("fs_data", {{"FS_NAME", "/opt"}, {"FS_LV", "/dev/hd10opt"}}) == 1);
  CHECK(p.doc.to_text() == "a:\n\tX= 1\n\nfs_data:\n\tFS_NAME= /opt\n\tFS_LV= /dev/hd10opt\n");
  auto q = parse("");
  q.doc.add("a", {});
  q.doc.set(0, "X", "1");
  CHECK(q.doc.to_text() == "a:\n\tX= 1\n");
}

TEST_CASE("cut anywhere and with bytes changed at random, a file is still written back as it is") {
  for (std::size_t n = 0; n <= image_data.size(); ++n) {
    CHECK(parse(image_data.substr(0, n)).doc.to_text() == image_data.substr(0, n));
  }
  std::mt19937 random{7};
  for (int round = 0; round < 3000; ++round) {
    std::string text{image_data};
    for (int i = 0; i < 8; ++i) {
      static constexpr std::string_view bytes{"\0\n\r\t :=\"#*/a\xff", 14};
      text[random() % text.size()] = bytes[random() % bytes.size()];
    }
    auto p = parse(text);
    CHECK(p.doc.to_text() == text);
    CHECK(p.faults.size() <= max_faults);
    if (!p.doc.stanzas().empty()) {
      auto const at = random() % p.doc.stanzas().size();
      p.doc.set(at, "FS_NAME", "/new");
      CHECK(p.doc.stanzas()[at].get("FS_NAME") == "/new");
      auto const again = parse(p.doc.to_text());
      REQUIRE(again.doc.stanzas().size() == p.doc.stanzas().size());
      CHECK(again.doc.stanzas()[at].get("FS_NAME") == "/new");
      p.doc.remove(random() % p.doc.stanzas().size());
      CHECK(parse(p.doc.to_text()).doc.stanzas().size() == p.doc.stanzas().size());
    }
  }
}

TEST_CASE("every finding has an id of its own and an explanation") {
  std::vector<std::string_view> seen;
  for (auto const* c : codes()) {
    CHECK(c->explain.size() > 40);
    seen.push_back(c->id);
  }
  std::sort(seen.begin(), seen.end());
  CHECK(std::adjacent_find(seen.begin(), seen.end()) == seen.end());
}
