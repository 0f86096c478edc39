#include "sluice/dash/sidx.hpp"

#include "sluice/dash/segments.hpp"
#include "support/catch.hpp"
#include "support/dash_listing.hpp"

using namespace sluice;
using namespace sluice::dash;

namespace {

using File = std::vector<std::uint8_t>;

void put(File& file, std::uint64_t value, int width) {
  for (int shift = (width - 1) * 8; shift >= 0; shift -= 8) {
    file.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

void put_box(File& file, const char* type, const File& body) {
  put(file, body.size() + 8, 4);
  for (int i = 0; i < 4; ++i) file.push_back(static_cast<std::uint8_t>(type[i]));
  file.insert(file.end(), body.begin(), body.end());
}

struct Reference {
  bool is_index;
  std::uint32_t size, duration;
};

File sidx(int version, std::uint32_t timescale, std::uint64_t time, std::uint64_t first_offset,
          const std::vector<Reference>& references) {
  File body;
  put(body, static_cast<std::uint64_t>(version) << 24, 4);
  put(body, 1, 4);
  put(body, timescale, 4);
  put(body, time, version == 0 ? 4 : 8);
  put(body, first_offset, version == 0 ? 4 : 8);
  put(body, references.size(), 4);
  for (const auto& reference : references) {
    put(body, (reference.is_index ? 0x8000'0000U : 0U) | reference.size, 4);
    put(body, reference.duration, 4);
    put(body, 0x9000'0000U, 4);
  }
  File file;
  put_box(file, "sidx", body);
  return file;
}

/// Feeds what is asked for, `slack` bytes more; counts the questions.
Result<SegmentIndex> read_index(const File& file, std::uint64_t first, std::size_t& questions,
                                std::size_t slack = 0) {
  SidxReader reader(first);
  questions = 0;
  while (const auto range = reader.wanted()) {
    if (++questions > 1'000) throw std::runtime_error("asks for ever");
    const auto begin = std::min<std::uint64_t>(range->first, file.size());
    const auto end = std::min<std::uint64_t>(*range->last + 1 + slack, file.size());
    const auto fed = reader.feed(std::span(file).subspan(begin, end - begin), range->first);
    if (!fed) return fed.error();
  }
  return reader.index();
}

/// ftyp, moov of 3000 bytes, a two-level index, each leaf beside its media.
File hierarchical() {
  File file;
  put_box(file, "ftyp", File(16));
  put_box(file, "moov", File(6'000));
  const File leaf_1 = sidx(1, 1'000, 10'000, 0, {{false, 100, 2'000}, {false, 200, 2'000}});
  const File leaf_2 = sidx(0, 1'000, 14'000, 7, {{false, 300, 1'500}});
  const auto size_1 = static_cast<std::uint32_t>(leaf_1.size() + 300);
  const auto size_2 = static_cast<std::uint32_t>(leaf_2.size() + 307);
  const File top =
      sidx(1, 1'000, 10'000, 0, {{true, size_1, 4'000}, {true, size_2, 1'500}, {false, 50, 500}});
  file.insert(file.end(), top.begin(), top.end());
  file.insert(file.end(), leaf_1.begin(), leaf_1.end());
  file.resize(file.size() + 300);
  file.insert(file.end(), leaf_2.begin(), leaf_2.end());
  file.resize(file.size() + 307 + 50);
  return file;
}

}  // namespace

TEST_CASE("SidxReader reads both versions", "[dash][unit]") {
  for (const int version : {0, 1}) {
    const std::uint64_t time = version == 0 ? 0xffff'fff0 : 0xffff'ffff'ffff'0000;
    const File file = sidx(version, 90'000, time, 5, {{false, 100, 10}, {false, 1, 20}});
    std::size_t questions = 0;
    const auto index = read_index(file, 0, questions);
    REQUIRE(index.has_value());
    CHECK(questions == 1);
    CHECK(index->timescale == 90'000);
    const std::uint64_t anchor = file.size() + 5;
    CHECK(index->segments ==
          std::vector<IndexedSegment>{{anchor, 100, time, 10}, {anchor + 100, 1, time + 10, 20}});
  }
}

TEST_CASE("SidxReader follows references to other indexes", "[dash][unit]") {
  const File file = hierarchical();
  std::vector<IndexedSegment> expected;
  for (const std::size_t slack : {std::size_t{0}, std::size_t{100'000}}) {
    std::size_t questions = 0;
    const auto index = read_index(file, 0, questions, slack);
    REQUIRE(index.has_value());
    REQUIRE(index->segments.size() == 4);
    CHECK(index->segments[0].time == 10'000);
    CHECK(index->segments[1].offset == index->segments[0].offset + 100);
    CHECK(index->segments[1].time == 12'000);
    CHECK(index->segments[2].time == 14'000);
    CHECK(index->segments[2].size == 300);
    CHECK(index->segments[3] == IndexedSegment{file.size() - 50, 50, 15'500, 500});
    CHECK(index->segments[2].offset + 300 == index->segments[3].offset);
    CHECK(questions <= 4);
    if (slack > 0) CHECK(questions == 1);
  }
}

TEST_CASE("SidxReader asks for the rest of an index that is longer than the first look",
          "[dash][unit]") {
  const File file = sidx(1, 1, 0, 0, std::vector<Reference>(1'000, {false, 10, 1}));
  std::size_t questions = 0;
  const auto index = read_index(file, 0, questions);
  REQUIRE(index.has_value());
  CHECK(questions == 2);
  CHECK(index->segments.size() == 1'000);
  CHECK(index->segments.back() == IndexedSegment{file.size() + 9'990, 10, 999, 1});
}

TEST_CASE("SidxReader refuses what is no index", "[dash][unit]") {
  File media;
  put_box(media, "ftyp", File(8));
  put_box(media, "moof", File(8));
  File tiny;
  put(tiny, 4, 4);
  put(tiny, 0x6672'6565, 4);
  File huge;
  put(huge, 1, 4);
  put(huge, 0x6672'6565, 4);
  put(huge, UINT64_MAX, 8);
  struct Row {
    const char* why;
    File file;
  };
  const Row rows[] = {
      {"empty", {}},
      {"media first", media},
      {"a box smaller than its header", tiny},
      {"a box larger than any file", huge},
      {"no timescale", sidx(0, 0, 0, 0, {{false, 1, 1}})},
      {"unknown version", sidx(2, 1, 0, 0, {{false, 1, 1}})},
      {"an offset past the end of numbers", sidx(1, 1, 0, UINT64_MAX - 5, {{false, 100, 1}})},
      {"a time past the end of numbers", sidx(1, 1, UINT64_MAX, 0, {{false, 100, 1}})},
      {"an index of no size", sidx(1, 1, 0, 0, {{true, 0, 1}})},
      {"an index behind the end of the file", sidx(1, 1, 0, 100, {{true, 60, 1}})},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    std::size_t questions = 0;
    const auto index = read_index(row.file, 0, questions);
    REQUIRE_FALSE(index.has_value());
    CHECK(index.error() == upstream_error(Errc::bad_manifest));
  }
  const File whole = hierarchical();
  const std::size_t last_leaf = whole.size() - 357;
  for (std::size_t size = 0; size < last_leaf; ++size) {
    std::size_t questions = 0;
    const File cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    INFO("cut after " << size);
    CHECK_FALSE(read_index(cut, 0, questions).has_value());
  }
}

TEST_CASE("Segments of a file that Periods share come from its index", "[dash][unit]") {
  const char* const text = R"(<MPD mediaPresentationDuration="PT7S"><Period duration="PT3S">
    <AdaptationSet><Representation id="v"><BaseURL>f.mp4</BaseURL>
    <SegmentBase timescale="500" indexRange="100-199" presentationTimeOffset="5000"/>
    </Representation></AdaptationSet></Period><Period><AdaptationSet><Representation id="v">
    <BaseURL>f.mp4</BaseURL><SegmentBase timescale="500" indexRange="100-199"
    presentationTimeOffset="6500"/></Representation></AdaptationSet></Period></MPD>)";
  const auto mpd = parse_mpd(text, Url::parse("http://h/m.mpd").value()).value();
  const SegmentIndex index{1'000,
                           {{200, 50, 8'000, 2'000},
                            {250, 60, 10'000, 2'000},
                            {310, 70, 12'000, 2'000},
                            {380, 80, 14'000, 2'000},
                            {460, 90, 16'000, 2'000},
                            {550, 10, 18'000, 2'000}}};
  const auto list = [&](std::size_t period) {
    const auto& representation = mpd.periods[period].adaptation_sets[0].representations[0];
    CHECK(index_of(representation).value() == Resource{"http://h/f.mp4", ByteRange{100, 199}});
    CHECK(initialization_of(representation).value() ==
          Resource{"http://h/f.mp4", ByteRange{0, 99}});
    auto segments =
        Segments::list(mpd, mpd.periods[period], representation, {Time(), 0, &index}).value();
    std::vector<std::string> lines;
    for (const auto& segment : segments.all().value()) {
      lines.push_back(test::describe(test::to_oracle(segment)));
    }
    return lines;
  };
  CHECK(list(0) == std::vector<std::string>{"http://h/f.mp4 250-309 @0 +2 #2",
                                            "http://h/f.mp4 310-379 @2 +1 #3"});
  CHECK(list(1) == std::vector<std::string>{"http://h/f.mp4 310-379 @2 +2 #3",
                                            "http://h/f.mp4 380-459 @4 +2 #4",
                                            "http://h/f.mp4 460-549 @6 +1 #5"});
}
