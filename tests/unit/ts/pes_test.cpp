#include "sluice/ts/pes.hpp"

#include <string>

#include "support/aes.hpp"
#include "support/catch.hpp"
#include "support/transport_stream.hpp"

using namespace sluice::ts;
using sluice::test::from_hex;
using sluice::test::pes_packet;

TEST_CASE("parse_pes_head reads sizes and time stamps", "[ts][unit]") {
  for (const std::uint64_t pts : {0ULL, 1ULL, 0x1234567ULL, 0x1ffff8000ULL, 0x1ffffffffULL}) {
    CAPTURE(pts);
    const auto head = parse_pes_head(pes_packet(0xc3, "payload", false, pts));
    REQUIRE(head);
    CHECK(head->stream_id == 0xc3);
    CHECK(head->packet_length == 15);
    CHECK(head->size == 14);
    CHECK(head->data_alignment);
    CHECK(head->pts == pts);
    CHECK_FALSE(head->dts);
  }
  CHECK(parse_pes_head(pes_packet(0xe0, "payload", true))->packet_length == 0);
  // PTS 3, DTS 1
  const auto both = parse_pes_head(from_hex("000001e0000080c00a31000100071100010003"));
  REQUIRE(both);
  CHECK(both->size == 19);
  CHECK(both->pts == 3);
  CHECK(both->dts == 1);
  CHECK_FALSE(both->data_alignment);
}

TEST_CASE("parse_pes_head says what is no head", "[ts][unit]") {
  struct Row {
    const char* why;
    const char* bytes;
    std::size_t size;  ///< 0: no head
  };
  const Row rows[] = {
      {"no time stamps", "000001e00000800000", 9},
      {"a longer head than is there", "000001e000008080ff", 264},
      {"padding, which has no flags", "000001be0003ffffff", 6},
      {"padding that is short", "000001be0000", 6},
      {"cut before its length", "000001e000008000", 0},
      {"empty", "", 0},
      {"no start code", "000002e00000800000", 0},
      {"no start code, but zeros", "000000e00000800000", 0},
      {"the form of MPEG-1", "000001e00000210001", 0},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    const auto head = parse_pes_head(from_hex(row.bytes));
    CHECK((head ? head->size : 0) == row.size);
    if (head) CHECK_FALSE(head->pts);
  }
}
