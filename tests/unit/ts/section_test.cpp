#include "sluice/ts/section.hpp"

#include "support/catch.hpp"
#include "support/transport_stream.hpp"

using namespace sluice::ts;
using sluice::test::pmt_section;
using sluice::test::slow_crc32;

namespace {

struct Piece {
  std::string payload;
  bool unit_start;
};

std::vector<std::string> assemble(const std::vector<Piece>& pieces) {
  SectionAssembler assembler;
  std::vector<std::string> complete;
  for (const auto& piece : pieces) assembler.feed(piece.payload, piece.unit_start, complete);
  return complete;
}

std::string section(char fill, std::size_t size) {
  std::string bytes{'\x42', static_cast<char>(0xb0 | (size - 3) >> 8),
                    static_cast<char>((size - 3) & 0xff)};
  bytes.resize(size, fill);
  return bytes;
}

std::string pointed(std::size_t pointer, const std::string& bytes) {
  return std::string(1, static_cast<char>(pointer)) + bytes;
}

}  // namespace

TEST_CASE("crc32 is that of sections", "[ts][unit]") {
  CHECK(crc32("123456789") == 0x0376e6e7);  // the usual check value of CRC-32/MPEG-2
  CHECK(crc32("") == 0xffffffff);
  const auto pmt = pmt_section(1, 0x100, {{0x1b, 0x100, ""}});
  CHECK(crc32(pmt) == 0);
  CHECK(crc32(pmt.substr(0, 9)) == slow_crc32(pmt.substr(0, 9)));
}

TEST_CASE("SectionAssembler finds sections wherever packets cut them", "[ts][unit]") {
  const auto a = section('a', 20);
  const auto b = section('b', 300);
  const auto ends = std::string(30, '\xff');
  using Sections = std::vector<std::string>;
  struct Row {
    const char* why;
    std::vector<Piece> pieces;
    Sections expected;
  };
  const Row rows[] = {
      {"one, and stuffing", {{pointed(0, a + ends), true}}, {a}},
      {"two in a packet", {{pointed(0, a + a + ends), true}}, {a, a}},
      {"one that spans packets",
       {{pointed(0, b.substr(0, 183)), true}, {b.substr(183) + ends, false}},
       {b}},
      {"cut in its length",
       {{pointed(0, a + b.substr(0, 2)), true}, {b.substr(2) + ends, false}},
       {a, b}},
      {"another begins where one ends",
       {{pointed(0, b.substr(0, 200)), true}, {pointed(100, b.substr(200) + a), true}},
       {b, a}},
      {"the end of what was not seen", {{pointed(5, "12345" + a), true}}, {a}},
      {"no start seen", {{a, false}}, {}},
      {"one that is lost because another begins",
       {{pointed(0, b.substr(0, 200)), true}, {pointed(0, a), true}},
       {a}},
      {"nothing begins behind a section's end without a pointer",
       {{pointed(0, b.substr(0, 200)), true}, {b.substr(200) + a, false}},
       {b}},
      {"a pointer beyond the packet", {{pointed(99, a), true}}, {}},
      {"an empty payload", {{"", true}, {"", false}}, {}},
      {"the longest", {{pointed(0, section('c', kMaxSection)), true}}, {section('c', kMaxSection)}},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    CHECK((assemble(row.pieces) == row.expected));
  }
}

TEST_CASE("SectionAssembler is idle between sections only", "[ts][unit]") {
  const auto a = section('a', 20);
  SectionAssembler assembler;
  std::vector<std::string> complete;
  CHECK(assembler.is_idle());
  assembler.feed(pointed(0, a.substr(0, 1)), true, complete);
  CHECK_FALSE(assembler.is_idle());
  assembler.feed(a.substr(1, 18), false, complete);
  CHECK_FALSE(assembler.is_idle());
  assembler.feed(a.substr(19), false, complete);
  CHECK(assembler.is_idle());
  CHECK((complete == std::vector{a}));
}
