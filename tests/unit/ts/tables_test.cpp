#include "sluice/ts/tables.hpp"

#include "sluice/ts/section.hpp"
#include "support/catch.hpp"
#include "support/transport_stream.hpp"

using namespace sluice::ts;
using sluice::test::descriptor;
using sluice::test::pat_section;
using sluice::test::pmt_section;
using sluice::test::slow_crc32;

namespace {

std::string with_right_checksum(std::string section) {
  section.resize(section.size() - 4);
  const auto crc = slow_crc32(section);
  for (const unsigned shift : {24U, 16U, 8U, 0U}) section += static_cast<char>(crc >> shift & 0xff);
  return section;
}

const std::string kPmt = pmt_section(
    7, 0x101, {{0x1b, 0x101, ""}, {0x0f, 0x102, descriptor(10, "eng\0") + descriptor(5, "xyzz")}});

}  // namespace

TEST_CASE("parse_pat tells where the maps are", "[ts][unit]") {
  const auto section = pat_section(7, 0x1abc);
  const auto programs = parse_pat(section);
  REQUIRE(programs);
  REQUIRE(programs->size() == 1);
  CHECK(programs->front().number == 7);
  CHECK(programs->front().pmt_pid == 0x1abc);
  CHECK(parse_pat(pat_section(0, 0x10))->empty());  // the network's
  CHECK_FALSE(parse_pat(kPmt));
  auto later = section;
  later[5] = '\xc0';
  CHECK_FALSE(parse_pat(with_right_checksum(later)));
}

TEST_CASE("A program map is read and written", "[ts][unit]") {
  const auto pmt = parse_pmt(kPmt);
  REQUIRE(pmt);
  CHECK(pmt->program == 7);
  CHECK(pmt->pcr_pid == 0x101);
  CHECK(pmt->current);
  REQUIRE(pmt->streams.size() == 2);
  CHECK(pmt->streams[1].type == 0x0f);
  CHECK(pmt->streams[1].pid == 0x102);
  const auto descriptors = parse_descriptors(pmt->streams[1].descriptors);
  REQUIRE(descriptors.size() == 2);
  CHECK(descriptors[1].tag == kRegistrationDescriptor);
  CHECK(descriptors[1].content == "xyzz");
  CHECK(descriptors[1].whole == descriptor(5, "xyzz"));
  CHECK((write_pmt(*pmt) == kPmt));

  auto announced = kPmt;
  announced[5] = '\xfe';  // version 31, for later
  announced = with_right_checksum(announced);
  REQUIRE(parse_pmt(announced));
  CHECK(parse_pmt(announced)->version == 31);
  CHECK_FALSE(parse_pmt(announced)->current);
  CHECK((write_pmt(*parse_pmt(announced)) == announced));
}

TEST_CASE("A malformed map is none", "[ts][unit]") {
  for (std::size_t size = 0; size < kPmt.size(); ++size) {
    CAPTURE(size);
    REQUIRE_FALSE(parse_pmt(kPmt.substr(0, size)));
  }
  for (std::size_t at = 0; at < kPmt.size(); ++at) {
    CAPTURE(at);
    auto changed = kPmt;
    changed[at] = static_cast<char>(changed[at] ^ 4);
    REQUIRE_FALSE(parse_pmt(changed));
  }
  // Loops that are longer than the section, with a right checksum.
  for (const std::size_t length_at : {11U, 16U, 21U}) {
    CAPTURE(length_at);
    auto changed = kPmt;
    changed[length_at] = '\x7f';
    REQUIRE_FALSE(parse_pmt(with_right_checksum(changed)));
  }
  CHECK_FALSE(parse_pmt(pat_section(1, 2)));
}

TEST_CASE("parse_descriptors ends before one that is cut", "[ts][unit]") {
  const auto whole = descriptor(1, "") + descriptor(2, "abc");
  CHECK(parse_descriptors("").empty());
  CHECK(parse_descriptors(whole).size() == 2);
  CHECK(parse_descriptors(whole.substr(0, whole.size() - 1)).size() == 1);
  CHECK(parse_descriptors(whole + "x").size() == 2);
}
