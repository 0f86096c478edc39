#include "sluice/ts/packet.hpp"

#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/transport_stream.hpp"

using namespace sluice::ts;
using sluice::test::pcr_field;
using sluice::test::random_bytes;
using sluice::test::TsPacket;
using sluice::test::write_ts;

TEST_CASE("parse_packet tells head, adaptation field and payload apart", "[ts][unit]") {
  struct Row {
    const char* why;
    TsPacket packet;
  };
  const auto bytes = random_bytes(184);
  const Row rows[] = {
      {"full", {0x100, true, 5, "", bytes}},
      {"a null packet", {0x1fff, false, 0, "", bytes}},
      {"one byte of stuffing: a field without flags", {0x1ffe, false, 15, "", bytes.substr(1)}},
      {"two bytes of stuffing", {0x10, false, 3, "", bytes.substr(2)}},
      {"one byte of payload", {0x10, true, 3, "", "x"}},
      {"a PCR", {0x10, true, 3, pcr_field(12345), bytes.substr(8)}},
      {"no payload", {0x10, false, 3, pcr_field(12345), ""}},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    const auto written = write_ts(row.packet);
    const auto parsed = parse_packet(written);
    REQUIRE(parsed.has_value());
    CHECK(parsed->pid == row.packet.pid);
    CHECK(parsed->unit_start == row.packet.unit_start);
    CHECK(parsed->continuity_counter == row.packet.counter);
    CHECK(parsed->has_payload == !row.packet.payload.empty());
    CHECK((parsed->payload == row.packet.payload));
    CHECK_FALSE(parsed->scrambled);
    CHECK((parsed->adaptation.substr(0, row.packet.adaptation.size()) == row.packet.adaptation));
  }
}

TEST_CASE("parse_packet refuses what is no packet", "[ts][unit]") {
  auto packet = write_ts({0x100, true, 5, "", random_bytes(100)});
  CHECK_FALSE(parse_packet(packet.substr(1)));
  CHECK_FALSE(parse_packet(packet + "x"));
  CHECK_FALSE(parse_packet(""));
  packet[4] = static_cast<char>(184);
  CHECK_FALSE(parse_packet(packet));
  packet[4] = static_cast<char>(183);
  REQUIRE(parse_packet(packet));
  CHECK(parse_packet(packet)->payload.empty());
  packet[0] = 'x';
  CHECK_FALSE(parse_packet(packet));
}

TEST_CASE("parse_adaptation reads the PCR and flags", "[ts][unit]") {
  auto written = write_ts({0x100, true, 5, pcr_field(0x1'2345'6789), "payload"});
  const auto read = [&] { return parse_adaptation(*parse_packet(written)); };
  CHECK(read().pcr == 0x1'2345'6789 * 300);
  CHECK_FALSE(read().random_access);
  CHECK_FALSE(read().discontinuity);
  written[5] = '\x50';
  CHECK(read().random_access);
  written[5] = '\x90';
  written[10] = static_cast<char>(written[10] | 1);
  written[11] = '\x07';
  CHECK(read().discontinuity);
  CHECK(read().pcr == 0x1'2345'6789 * 300 + 7 + 256);
  written[5] = 0;
  CHECK_FALSE(read().pcr);
  CHECK_FALSE(parse_adaptation(*parse_packet(write_ts({1, true, 5, "", random_bytes(184)}))).pcr);
}

TEST_CASE("replace_payload fills up with stuffing and keeps all else", "[ts][unit]") {
  for (const std::string& field : {std::string(), pcr_field(777)}) {
    for (std::size_t before : {1U, 2U, 90U, 175U, 176U, 182U, 183U, 184U}) {
      if (!field.empty() && before > 176) continue;
      const TsPacket packet{0x123, true, 9, field, random_bytes(before)};
      for (std::size_t after = 0; after <= before + 1; ++after) {
        CAPTURE(field.size(), before, after);
        auto bytes = write_ts(packet);
        const auto payload = random_bytes(after, 7);
        const bool fits = after > 0 && after <= before;
        REQUIRE(replace_payload(bytes, payload) == fits);
        auto expected = packet;
        if (fits) expected.payload = payload;
        REQUIRE((bytes == write_ts(expected)));
      }
    }
  }
}

TEST_CASE("A packet's start can be said anew, and its meaning be taken", "[ts][unit]") {
  auto bytes = write_ts({0x1abc, true, 9, "", random_bytes(100)});
  const auto before = bytes;
  set_unit_start(bytes, false);
  CHECK_FALSE(parse_packet(bytes)->unit_start);
  CHECK(parse_packet(bytes)->pid == 0x1abc);
  set_unit_start(bytes, true);
  CHECK((bytes == before));
  make_null(bytes);
  REQUIRE(parse_packet(bytes));
  CHECK(parse_packet(bytes)->pid == kNullPid);
  CHECK_FALSE(parse_packet(bytes)->unit_start);
  CHECK((parse_packet(bytes)->payload == std::string(184, '\xff')));
}
