#include "sluice/media/sample_aes_stage.hpp"

#include "support/catch.hpp"
#include "unit/media/sample_aes_clips.hpp"
#include "unit/media/stages.hpp"

using namespace sluice;
using namespace sluice::media;
using namespace sluice::media::test;
using namespace std::string_literals;
using sluice::test::descriptor;
using sluice::test::elementary_stream;
using sluice::test::mux;
using sluice::test::packets_of;
using sluice::test::parse_ts;
using sluice::test::pes_packet;
using sluice::test::pmt_section;
using sluice::test::random_bytes;
using sluice::test::section_packets;
using sluice::test::ts_faults;
using sluice::test::ts_units;
using sluice::test::TsPacket;
using sluice::test::TsStream;

namespace {

Outcome decrypt(const std::string& segment) {
  return run_every_way([] { return std::make_unique<SampleAesStage>(kSampleKey, kSampleIv); },
                       segment);
}

/// What is wrong with the decryption of what `clear` encrypts to; empty when nothing is.
std::string faults_of(const std::string& clear, const std::vector<std::uint16_t>& pids) {
  const auto encrypted = sample_encryptor().ts(clear);
  const auto outcome = decrypt(encrypted);
  if (!outcome.error.empty()) return outcome.error;
  auto faults = ts_faults(outcome.output);
  if (outcome.output.size() != encrypted.size()) faults += "another size; ";
  for (const auto pid : pids) {
    if (elementary_stream(clear, pid).empty()) faults += "nothing to compare; ";
    if (elementary_stream(encrypted, pid) == elementary_stream(clear, pid)) faults += "clear; ";
    if (elementary_stream(outcome.output, pid) != elementary_stream(clear, pid))
      faults += "differs; ";
    if (ts_units(outcome.output)[pid] != ts_units(clear)[pid]) faults += "PES heads differ; ";
  }
  const auto before = parse_ts(encrypted);
  const auto after = parse_ts(outcome.output);
  for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
    if (before[i].pid != after[i].pid || before[i].adaptation != after[i].adaptation ||
        before[i].counter != after[i].counter) {
      faults += "a packet's head differs; ";
    }
  }
  if (ts_units(outcome.output)[kPmtPid] != ts_units(clear)[kPmtPid]) faults += "map differs; ";
  return faults;
}

const TsStream kVideo{0x1b, kVideoPid, ""};

Lane null_packets(std::size_t count) {
  return Lane(count, TsPacket{0x1fff, false, 0, "", random_bytes(184, 77)});
}

std::vector<std::string> pictures(bool zeros) {
  std::vector<std::string> all = {picture(true, {3000, 49, 48, 47, 701}, 1, zeros)};
  for (std::uint64_t seed = 10; seed < 14; ++seed) {
    all.push_back(picture(false, {30, 500 + seed, 64, 65, 2000}, seed, zeros));
  }
  return all;
}

std::string video_clip(bool zeros, bool open) {
  Lane lane = tables({kVideo});
  append(lane, pes_lane(kVideoPid, 0xe0, open, pictures(zeros)));
  return mux({lane});
}

}  // namespace

TEST_CASE("SampleAesStage gives back the video that was encrypted", "[media][unit]") {
  struct Row {
    const char* why;
    std::string clear;
  };
  auto with_trailing_zeros = pictures(false);
  for (auto& unit : with_trailing_zeros) unit += std::string(3, '\0');
  Lane trailing = tables({kVideo});
  append(trailing, pes_lane(kVideoPid, 0xe0, true, with_trailing_zeros));
  Lane tight = tables({kVideo});
  for (std::size_t size = 150; size < 360; size += 1) {
    append(tight, pes_lane(kVideoPid, 0xe0, size % 2 == 0, {picture(false, {size}, size, true)}));
  }
  const Row rows[] = {
      {"PES packets of unknown length", video_clip(false, true)},
      {"PES packets of known length", video_clip(false, false)},
      {"full of emulation prevention", video_clip(true, true)},
      {"the same, of known length", video_clip(true, false)},
      {"zero bytes behind the last NAL unit", mux({trailing})},
      {"PES packets that end anywhere in their last packet", mux({tight})},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    CHECK(faults_of(row.clear, {kVideoPid}).empty());
  }
}

TEST_CASE("SampleAesStage gives back several streams, and leaves others alone", "[media][unit]") {
  std::vector<std::string> aac;
  std::vector<std::string> ac3;
  std::vector<std::string> eac3;
  for (std::uint64_t seed = 1; seed < 12; ++seed) {
    aac.push_back(adts_frame(seed * 20, seed, seed % 3 == 0) + adts_frame(300, seed + 40));
    ac3.push_back(ac3_frame(seed));
    eac3.push_back(eac3_frame(400, seed) + eac3_frame(34, seed + 20));
  }
  // Audio whose frames do not care for PES packets.
  std::string all;
  for (const auto& frames : aac) all += frames;
  std::vector<std::string> cut;
  for (std::size_t at = 0; at < all.size(); at += 97) cut.push_back(all.substr(at, 97));
  const std::vector<std::string> subtitles = {random_bytes(300, 5), random_bytes(20, 6)};

  Lane first = tables({kVideo,
                       {0x0f, 0x101, ""},
                       {0x0f, 0x102, ""},
                       {0x81, 0x103, ""},
                       {0x87, 0x104, ""},
                       {0x06, 0x105, descriptor(10, "eng\0"s)}});
  append(first, pes_lane(kVideoPid, 0xe0, true, pictures(true)));
  const auto clear =
      mux({first, pes_lane(0x101, 0xc0, false, aac), pes_lane(0x102, 0xc1, false, cut),
           pes_lane(0x103, 0xbd, false, ac3), pes_lane(0x104, 0xbd, true, eac3),
           pes_lane(0x105, 0xbd, false, subtitles), null_packets(30)});
  CHECK(faults_of(clear, {kVideoPid, 0x101, 0x102, 0x103, 0x104}).empty());

  const auto encrypted = sample_encryptor().ts(clear);
  const auto outcome = decrypt(encrypted);
  for (std::size_t at = 0; at < encrypted.size(); at += 188) {
    const auto pid = parse_ts(encrypted.substr(at, 188)).front().pid;
    if (pid != 0x105 && pid != 0x1fff && pid != 0) continue;
    REQUIRE((encrypted.substr(at, 188) == outcome.output.substr(at, 188)));
  }
}

TEST_CASE("SampleAesStage passes what is announced as clear", "[media][unit]") {
  const auto clear = video_clip(true, true);
  CHECK((decrypt(clear).output == clear));
  // HEVC has no such encryption.
  Lane lane = tables({{0x24, kVideoPid, ""}});
  append(lane, pes_lane(kVideoPid, 0xe0, true, pictures(false)));
  CHECK((decrypt(mux({lane})).output == mux({lane})));
}

TEST_CASE("SampleAesStage rewrites maps that span packets", "[media][unit]") {
  const auto stuffing = descriptor(0x0a, std::string(200, 'd'));
  const std::vector<TsStream> encrypted_streams = {
      {0xdb, kVideoPid, stuffing + descriptor(15, "zavc")},
      {0xcf, 0x101,
       descriptor(5, "apad" + std::string(150, 's')) + descriptor(15, "aacd") + stuffing},
      {0x0f, 0x102, descriptor(15, "aacd")},
      {0xc2, 0x103, descriptor(15, "none") + descriptor(5, "EAC3") + descriptor(15, "ec3d")}};
  const std::vector<TsStream> clear_streams = {
      {0x1b, kVideoPid, stuffing},
      {0x0f, 0x101, stuffing},
      {0x0f, 0x102, descriptor(15, "aacd")},
      {0x87, 0x103, descriptor(15, "none") + descriptor(5, "EAC3")}};
  for (const std::size_t fill : {183U, 100U, 50U}) {
    CAPTURE(fill);
    Lane lane = tables({kVideo});
    append(lane, section_packets(kPmtPid, pmt_section(1, kVideoPid, encrypted_streams), fill));
    append(lane, section_packets(0x105, std::string(10, 'x')));
    append(lane, section_packets(kPmtPid, pmt_section(1, kVideoPid, encrypted_streams), fill));
    const auto input = mux({lane, null_packets(3)});
    const auto outcome = decrypt(input);
    CHECK(outcome.error.empty());
    CHECK(outcome.output.size() == input.size());
    const auto maps = ts_units(outcome.output)[kPmtPid];
    REQUIRE(maps.size() == 3);
    const auto expected = '\0' + pmt_section(1, kVideoPid, clear_streams);
    CHECK((maps[1].substr(0, expected.size()) == expected));
    CHECK((maps[2].substr(0, expected.size()) == expected));
    CHECK(maps[1].find_first_not_of('\xff', expected.size()) == std::string::npos);
    CHECK(parse_ts(outcome.output).size() == parse_ts(input).size());
  }
}

TEST_CASE("SampleAesStage follows a map that changes", "[media][unit]") {
  const auto encryptor = sample_encryptor();
  const auto clear = picture(true, {900, 800}, 3);
  const auto map = [](unsigned type) {
    return section_packets(kPmtPid, pmt_section(1, kVideoPid, {{type, kVideoPid, ""}}));
  };
  const auto video = [](const std::string& unit) {
    return packets_of(kVideoPid, pes_packet(0xe0, unit, true));
  };
  Lane lane = section_packets(0, sluice::test::pat_section(1, kPmtPid));
  Lane expected = lane;
  for (const unsigned type : {0xdbU, 0x1bU, 0xdbU, 0xdbU}) {
    append(lane, map(type));
    append(expected, map(0x1b));
    append(lane, video(type == 0xdb ? encryptor.annex_b(clear) : clear));
    append(expected, video(clear));
  }
  const auto outcome = decrypt(mux({lane}));
  CHECK(outcome.error.empty());
  CHECK((ts_units(outcome.output) == ts_units(mux({expected}))));
}

TEST_CASE("SampleAesStage decrypts what is in front of the first map", "[media][unit]") {
  const auto clear = video_clip(false, true);
  auto packets = parse_ts(sample_encryptor().ts(clear));
  Lane lane(packets.begin() + 2, packets.end());
  lane.insert(lane.end(), packets.begin(), packets.begin() + 2);
  const auto outcome = decrypt(mux({lane}));
  CHECK(outcome.error.empty());
  CHECK((elementary_stream(outcome.output, kVideoPid) == elementary_stream(clear, kVideoPid)));
}

TEST_CASE("SampleAesStage counts a packet that is sent twice once", "[media][unit]") {
  const auto clear = video_clip(false, true);
  const auto encrypted = sample_encryptor().ts(clear);
  std::string twice;
  for (std::size_t at = 0; at < encrypted.size(); at += 188) {
    for (int i = 0; i < (at / 188 > 2 ? 2 : 1); ++i) twice += encrypted.substr(at, 188);
  }
  const auto outcome = decrypt(twice);
  CHECK(outcome.error.empty());
  CHECK(outcome.output.size() == twice.size());
  CHECK((ts_units(outcome.output)[kVideoPid] == ts_units(clear)[kVideoPid]));
  CHECK(ts_faults(outcome.output).empty());
}

TEST_CASE("SampleAesStage takes no PID for a stream that is none", "[media][unit]") {
  // Packets sent twice become null packets: announced as a stream, those would count as its own.
  for (const auto pid : std::vector<std::uint16_t>{0x1fff, 0x0001}) {
    CAPTURE(pid);
    TsPacket first{pid, true, 0, "", pes_packet(0xe0, std::string(150, 'v'), true)};
    TsPacket audio{0x101, true, 1, "", pes_packet(0xc0, std::string(120, 'a'), false)};
    auto segment =
        mux({section_packets(0, sluice::test::pat_section(1, kPmtPid)),
             section_packets(kPmtPid, pmt_section(1, pid, {{0xdb, pid, ""}, {0xcf, 0x101, ""}}))});
    segment += sluice::test::write_ts(first) + sluice::test::write_ts(audio);
    for (int i = 0; i < 50; ++i) segment += sluice::test::write_ts(audio);
    segment += sluice::test::write_ts(first) + sluice::test::write_ts(first);
    const auto outcome = decrypt(segment);
    CHECK((outcome.error.empty() ? outcome.output.size() == segment.size() : true));
  }
}

TEST_CASE("SampleAesStage takes a PID for a table or a stream, as it is announced",
          "[media][unit]") {
  const auto video = pes_packet(0xe0, random_bytes(3000, 5), true);
  auto segment =
      mux({section_packets(0, sluice::test::pat_section(1, kPmtPid)),
           section_packets(kPmtPid, pmt_section(1, kVideoPid, {{0xdb, kVideoPid, ""}}))});
  auto packets = packets_of(kVideoPid, video);
  for (std::size_t i = 0; i < packets.size(); ++i) {
    // In the middle of a picture its PID becomes that of a table.
    if (i == 5) segment += mux({section_packets(0, sluice::test::pat_section(1, kVideoPid))});
    segment += sluice::test::write_ts(packets[i]);
  }
  const auto outcome = decrypt(segment);
  CHECK((outcome.error.empty() ? outcome.output.size() == segment.size() : true));
}

TEST_CASE("SampleAesStage survives audio whose PES heads are cut anywhere", "[media][unit]") {
  for (std::size_t size = 1; size < 12; ++size) {
    CAPTURE(size);
    const std::string head("\0\0\1\xbf\0\0\0\0\0\0\0\0", 12);
    auto segment = mux({section_packets(0, sluice::test::pat_section(1, kPmtPid)),
                        section_packets(kPmtPid, pmt_section(1, 0x101, {{0xcf, 0x101, ""}}))});
    segment += sluice::test::write_ts({0x101, true, 0, "", head.substr(0, size)});
    segment += sluice::test::write_ts({0x101, false, 1, "", std::string(100, 'x')});
    const auto outcome = decrypt(segment);
    // The map aside, which announces it as clear.
    if (outcome.error.empty()) CHECK(outcome.output.substr(376) == segment.substr(376));
    CHECK((outcome.error.empty() || outcome.error.find("audio") != std::string::npos));
  }
}

TEST_CASE("SampleAesStage gives back packed audio", "[media][unit]") {
  std::string aac;
  std::string ac3;
  std::string eac3;
  for (std::uint64_t seed = 1; seed < 30; ++seed) {
    aac += adts_frame(seed * 7, seed, seed % 2 == 0);
    ac3 += ac3_frame(seed);
    eac3 += eac3_frame(34 + 2 * seed, seed);
  }
  for (const auto& clear : {aac, ac3, eac3, adts_frame(8000, 1)}) {
    const auto packed = sample_encryptor().packed(clear);
    const auto tag = packed.substr(0, packed.size() - clear.size());
    const auto outcome = decrypt(packed);
    CHECK(outcome.error.empty());
    CHECK((outcome.output == tag + clear));
    CHECK((decrypt(sample_encryptor().frames(clear)).output == clear));
    // A tag in the middle, and one behind.
    const auto last = "TAG" + std::string(125, ' ');
    const auto shown = tag + clear;
    CHECK((decrypt(packed + packed + last).output == shown + shown + last));
    // What is there of a frame that is cut is decrypted.
    const auto half = packed.substr(0, packed.size() - 10);
    CHECK((decrypt(packed + half).output.substr(0, tag.size() + clear.size()) == tag + clear));
  }
}

TEST_CASE("SampleAesStage fails where it cannot do its work", "[media][unit]") {
  const auto segment = sample_encryptor().ts(video_clip(false, true));
  auto lost = segment;
  lost.insert(188 * 8, "x");
  auto field = segment;
  field[188 * 4 + 3] = '\x30';
  field[188 * 4 + 4] = '\xb8';
  Lane thin = tables({{0xdb, kVideoPid, ""}});
  for (auto packet :
       packets_of(kVideoPid, pes_packet(0xe0, "", true) + "\0\0\1\x65"s + std::string(28, 'x'))) {
    thin.push_back(packet);
  }
  for (int i = 0; i < 60; ++i) {
    // A byte each, every third of which goes.
    for (const char byte : {'\0', '\0', '\3'}) thin.push_back({kVideoPid, false, 0, "", {byte}});
  }
  thin.push_back({kVideoPid, false, 0, "", "z"});
  Lane thick = tables({kVideo});
  thick.back().payload =
      section_packets(kPmtPid, pmt_section(1, kVideoPid, {{0xdb, kVideoPid, ""}})).front().payload;
  append(thick, packets_of(kVideoPid, pes_packet(0xe0, std::string(9'000'000, 'x'), true)));
  struct Row {
    const char* why;
    std::string input;
    const char* part;
  };
  const Row rows[] = {
      {"nothing", "", "it is empty"},
      {"a page", "<html><body>no such segment</body></html>", "this is neither"},
      {"fragmented MP4", "\0\0\0\x10moofabcdefgh"s, "this is neither"},
      {"less than a packet", segment.substr(0, 100), "cut inside a packet"},
      {"the end is missing", segment.substr(0, segment.size() - 1), "cut inside a packet"},
      {"a byte too many", lost, "loses its sync"},
      {"tables are missing", segment.substr(188 * 2), "no program map"},
      {"a map is missing", segment.substr(0, 188) + segment.substr(188 * 2), "no program map"},
      {"an adaptation field is too long", field, "adaptation field"},
      {"packets with a byte each", mux({thin}), "more packets than it has bytes"},
      {"a tag and nothing behind it", "ID3\4\0\0\0\0\0\x04tag."s, "no audio"},
      {"a tag that is cut", "ID3\4\0\0\0\0\1\0"s, "no audio"},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    CHECK_THAT(decrypt(row.input).error, Catch::Contains(row.part));
  }
  const auto at_once = [](const std::string& input) {
    return run(chain_of(std::make_unique<SampleAesStage>(kSampleKey, kSampleIv)), input, {65'536})
        .error;
  };
  CHECK_THAT(at_once(mux({thick})), Catch::Contains("no end within 8 MiB"));
  Lane nothing(8000, TsPacket{0x1fff, false, 0, "", std::string(184, 'n')});
  CHECK_THAT(at_once(mux({nothing})), Catch::Contains("first MiB"));
  CHECK_THAT(at_once("ID3\4\0\0\0\0\0\0"s + std::string(70'000, 'x')), Catch::Contains("no AAC"));
}

TEST_CASE("SampleAesStage says its size beforehand and holds little", "[media][unit]") {
  SampleAesStage stage(kSampleKey, kSampleIv);
  CHECK(stage.output_size(188 * 7) == 188 * 7);
  // Once the next picture begins, the one before is out.
  auto segment = sample_encryptor().ts(video_clip(false, true));
  std::size_t came = 0;
  std::size_t most = 0;
  for (std::size_t at = 0; at < segment.size(); at += 188) {
    const auto step = stage.feed(Bytes(segment).subspan(at, 188));
    REQUIRE(step.has_value());
    REQUIRE(step->taken == 188);
    came += step->output.size();
    most = std::max(most, at + 188 - came);
  }
  CHECK(most < 6000);
  CHECK(came + stage.finish().value().size() == segment.size());
}
