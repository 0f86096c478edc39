#include "sluice/dash/mpd.hpp"

#include <fmt/format.h>

#include "sluice/dash/clock.hpp"
#include "sluice/dash/descriptors.hpp"
#include "sluice/dash/iso8601.hpp"
#include "sluice/dash/segments.hpp"
#include "support/catch.hpp"
#include "support/dash_listing.hpp"

using namespace sluice;
using namespace sluice::dash;
using namespace std::chrono_literals;

namespace {

const Url& url() {
  static const Url kUrl = Url::parse("https://cdn.example/a/b.mpd?x").value();
  return kUrl;
}

Mpd parsed(std::string_view text) {
  return parse_mpd(text, url()).value();
}

std::string refusal(std::string_view text) {
  const auto mpd = parse_mpd(text, url());
  if (mpd) return "accepted";
  CHECK(mpd.error() == upstream_error(Errc::bad_manifest));
  return mpd.error().context;
}

/// An MPD with this SegmentTemplate.
std::string with_template(std::string_view segment_template, std::string_view attributes = "") {
  return fmt::format(
      "<MPD {}><Period><AdaptationSet>{}<Representation id=\"v\" bandwidth=\"1\"/></AdaptationSet>"
      "</Period></MPD>",
      attributes, segment_template);
}

Result<Segments> listed(const Mpd& mpd, Time now = Time()) {
  const auto& period = mpd.periods.at(0);
  return Segments::list(mpd, period, period.adaptation_sets.at(0).representations.at(0), {now});
}

}  // namespace

TEST_CASE("parse_mpd reads what players and proxies ask about", "[dash][unit]") {
  const auto name = "42_protected_audio_and_video";
  const auto mpd =
      parse_mpd(test::corpus_mpd(name), Url::parse(test::corpus_url(name)).value()).value();
  CHECK_FALSE(mpd.dynamic);
  CHECK(mpd.min_buffer_time == 2s);
  CHECK(mpd.media_presentation_duration == 8s);
  REQUIRE(mpd.periods.size() == 1);
  const auto& sets = mpd.periods[0].adaptation_sets;
  REQUIRE(sets.size() == 4);

  const auto& protections = sets[0].common.content_protections;
  REQUIRE(protections.size() == 4);
  CHECK(protections[0].value == "cenc");
  CHECK(protections[0].default_kids ==
        std::vector<std::string>{"9eb4050de44b4802932e27d75083e266"});
  CHECK(key_system(protections[0]) == KeySystem::common);
  CHECK(key_system(protections[1]) == KeySystem::widevine);
  CHECK(protections[1].pssh == "AAAA");
  CHECK(key_system(protections[2]) == KeySystem::play_ready);
  CHECK(protections[2].pro == "BBBB");
  CHECK(key_system(protections[3]) == KeySystem::clear_key);
  CHECK(protections[3].licence_url == "https://keys.example/");
  CHECK(has_role(sets[0], "main"));
  CHECK_FALSE(has_role(sets[0], "alternate"));
  CHECK(sets[0].common.labels.at(0).text == "Main");
  CHECK(video_range(sets[0].common) == VideoRange::pq);
  CHECK_FALSE(is_trick_mode(sets[0].common));
  CHECK(is_trick_mode(sets[1].common));
  const auto thumbnails = effective(sets[2], sets[2].representations[0]);
  CHECK(thumbnails.mime_type == "image/jpeg");
  CHECK(thumbnail_grid(thumbnails) == ThumbnailGrid{10, 5});
  CHECK_FALSE(thumbnail_grid(sets[0].common));
  CHECK(sets[3].lang == "fr");
  CHECK(channel_count(sets[3].common) == 6U);
  CHECK(initialization_of(sets[0].representations[0]).value()->url ==
        "https://cdn.example/live/42_protected_audio_and_video/v/i.mp4");
  CHECK_FALSE(initialization_of(sets[1].representations[0]).value());
}

TEST_CASE("parse_mpd reads what only the top says", "[dash][unit]") {
  const auto mpd = parsed(R"(<MPD xmlns:x="http://www.w3.org/1999/xlink" type="dynamic"
    availabilityStartTime="2024-05-01T12:00:00Z" publishTime="junk" minimumUpdatePeriod="PT2.5S"
    suggestedPresentationDelay="PT12S"><Location>../new.mpd</Location>
    <PatchLocation ttl="60">p.mpp</PatchLocation>
    <ServiceDescription><Latency target="3500" min="2000"/></ServiceDescription>
    <UTCTiming schemeIdUri="urn:mpeg:dash:utc:ntp:2014" value="a b"/>
    <UTCTiming schemeIdUri="urn:mpeg:dash:utc:http-head:2014" value="/time https://t.example/"/>
    <Period x:href="p.xml" x:actuate="onLoad"><EventStream/><EventStream/></Period></MPD>)");
  CHECK(mpd.dynamic);
  CHECK(mpd.availability_start_time == parse_date_time("2024-05-01T12:00:00Z"));
  CHECK_FALSE(mpd.publish_time);
  CHECK(mpd.minimum_update_period == 2'500ms);
  CHECK(mpd.suggested_presentation_delay == 12s);
  CHECK(mpd.locations.at(0).text == "../new.mpd");
  CHECK(mpd.patch_locations.at(0).ttl == 60s);
  CHECK(mpd.latency->target == 3'500ms);
  CHECK_FALSE(mpd.latency->max);
  CHECK(mpd.periods.at(0).xlink->href == "p.xml");
  CHECK(mpd.periods[0].xlink->on_load);
  CHECK(mpd.periods[0].event_streams == 2);
  const auto clocks = clock_sources(mpd, url());
  REQUIRE(clocks.size() == 1);
  CHECK(clocks[0].method == ClockSource::Method::head);
  REQUIRE(clocks[0].urls.size() == 2);
  CHECK(clocks[0].urls[0].text() == "https://cdn.example/time");
}

TEST_CASE("Base URLs have alternatives and add up their offsets", "[dash][unit]") {
  const auto mpd =
      parsed(R"(<MPD><BaseURL serviceLocation="A" availabilityTimeOffset="1">a/</BaseURL>
    <BaseURL serviceLocation="B">https://b.example/</BaseURL><BaseURL>ftp://c.example/</BaseURL>
    <Period><BaseURL availabilityTimeOffset="0.5">p/</BaseURL><AdaptationSet>
    <Representation id="1"/><Representation id="2"><BaseURL>https://own.example/f</BaseURL>
    </Representation></AdaptationSet></Period></MPD>)");
  const auto& representations = mpd.periods[0].adaptation_sets[0].representations;
  const auto& both = *representations[0].base_urls;
  REQUIRE(both.size() == 2);
  CHECK(both[0].url.text() == "https://cdn.example/a/a/p/");
  CHECK(both[0].service_location == "A");
  CHECK(both[0].availability_time_offset == 1'500ms);
  CHECK(both[1].url.text() == "https://b.example/p/");
  CHECK(both[1].availability_time_offset == 500ms);
  CHECK(representations[1].base_urls->size() == 1);
}

TEST_CASE("parse_mpd refuses what segments cannot be found with", "[dash][unit]") {
  struct Row {
    const char* why;
    std::string text;
    const char* says;
  };
  const auto timeline = [](const char* entries) {
    return with_template(fmt::format(
        "<SegmentTemplate media=\"$Time$\"><SegmentTimeline>{}</SegmentTimeline></SegmentTemplate>",
        entries));
  };
  const Row rows[] = {
      {"another document", "<html/>", "no MPD"},
      {"no XML", "#EXTM3U", "XML"},
      {"a timescale of 0", with_template("<SegmentTemplate timescale=\"0\"/>"), "timescale"},
      {"a timescale of 33 bits", with_template("<SegmentTemplate timescale=\"4294967296\"/>"),
       "timescale"},
      {"a negative number", with_template("<SegmentTemplate startNumber=\"-1\"/>"), "startNumber"},
      {"a time past 64 bits", timeline("<S t=\"18446744073709551616\" d=\"1\"/>"), "t=\"1844"},
      {"an S without duration", timeline("<S t=\"1\"/>"), "no d"},
      {"half a tick", timeline("<S d=\"1.5\"/>"), "d=\"1.5\""},
      {"more parts than ticks", timeline("<S d=\"2\" k=\"3\"/>"), "k is not"},
      {"a malformed duration", "<MPD mediaPresentationDuration=\"10\"/>",
       "mediaPresentationDuration"},
      {"a negative duration", "<MPD><Period start=\"-PT1S\"/></MPD>", "start"},
      {"a malformed date", "<MPD availabilityStartTime=\"yesterday\"/>", "availabilityStartTime"},
      {"no usable base", "<MPD><BaseURL>ftp://h/</BaseURL></MPD>", "BaseURL"},
      {"with its line", "<MPD>\n<Period>\n<SegmentTemplate duration=\"x\"/></Period></MPD>",
       "line 3"},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    const auto why = refusal(row.text);
    INFO(why);
    CHECK(why.find(row.says) != why.npos);
  }
}

TEST_CASE("Segments say when nothing tells how many there are", "[dash][unit]") {
  const char* const rows[] = {
      "<SegmentTemplate media=\"$Number$\" duration=\"2\"/>",
      "<SegmentTemplate media=\"$Time$\"><SegmentTimeline><S t=\"0\" d=\"2\" r=\"-1\"/>"
      "</SegmentTimeline></SegmentTemplate>",
      "<SegmentTemplate duration=\"2\" endNumber=\"5\"/>",
      "<SegmentTemplate media=\"$Number\" duration=\"2\" endNumber=\"5\"/>",
      "<SegmentList><SegmentURL media=\"a\"/><SegmentURL media=\"b\"/></SegmentList>",
  };
  for (const char* row : rows) {
    INFO(row);
    const auto segments = listed(parsed(with_template(row)));
    REQUIRE_FALSE(segments.has_value());
    CHECK(segments.error().code == Errc::bad_manifest);
  }
}

TEST_CASE("Billions of repeats cost nothing", "[dash][unit]") {
  const auto huge = parsed(with_template(
      "<SegmentTemplate media=\"$Number$\" timescale=\"10\"><SegmentTimeline>"
      "<S t=\"0\" d=\"10\" r=\"9223372036854775807\"/><S d=\"7\" r=\"9223372036854775807\"/>"
      "</SegmentTimeline></SegmentTemplate>"));
  auto all = listed(huge).value();
  CHECK(all.size() == 1'844'674'407'370'955'162);  // up to the end of 64-bit times
  CHECK(all.at(all.size() - 1).value().time == 18'446'744'073'709'551'610U);
  CHECK(all.at(1'000'000'000'000).value().resource.url == "https://cdn.example/a/1000000000001");
  const auto refused = all.all();
  REQUIRE_FALSE(refused.has_value());
  CHECK(all.slice(all.size() - 2, 10).value().size() == 2);

  const auto live = parsed(
      with_template("<SegmentTemplate media=\"$Number$\" timescale=\"1000000\" duration=\"1\"/>",
                    "type=\"dynamic\" availabilityStartTime=\"1970-01-01T00:00:00Z\""));
  auto window = listed(live, parse_date_time("2024-05-01T12:00:00Z").value()).value();
  CHECK(window.size() == 1'714'564'800'000'000);
  CHECK(window.at(window.size() - 1).value().number == 1'714'564'800'000'000);
}

TEST_CASE("parse_mpd holds to its limits", "[dash][unit]") {
  std::string periods;
  for (std::size_t i = 0; i <= kMaxPeriods; ++i) periods += "<Period/>";
  CHECK(refusal("<MPD>" + periods + "</MPD>").find("Periods") != std::string::npos);
  std::string representations;
  for (std::size_t i = 0; i <= kMaxRepresentations; ++i) representations += "<Representation/>";
  CHECK(
      refusal("<MPD><Period><AdaptationSet>" + representations + "</AdaptationSet></Period></MPD>")
          .find("Representations") != std::string::npos);
  // A long URL, and many Representations that put something behind it.
  std::string inherited =
      "<MPD><BaseURL>" + std::string(60'000, 'x') + "/</BaseURL><Period><AdaptationSet>";
  for (int i = 0; i < 2'000; ++i)
    inherited += "<Representation><BaseURL>a</BaseURL></Representation>";
  CHECK(refusal(inherited + "</AdaptationSet></Period></MPD>").find("inherited") !=
        std::string::npos);
  std::string deep = "<MPD>";
  for (int i = 0; i < 100'000; ++i) deep += "<Period>";
  CHECK(refusal(deep).find("nested") != std::string::npos);
}

TEST_CASE("clock_offset is what the own clock lacks", "[dash][unit]") {
  using Method = ClockSource::Method;
  const Time local = parse_date_time("2024-05-01T12:00:00Z").value();
  struct Row {
    const char* why;
    Method method;
    std::string_view answer;
    std::optional<Duration> offset;
  };
  const Row rows[] = {
      {"direct", Method::direct, "2024-05-01T12:00:01.5Z", 1'500ms},
      {"slow", Method::get, "2024-05-01T11:59:59Z\n", -1s},
      {"another zone", Method::get, "2024-05-01T14:00:00+02:00", 0s},
      {"quoted", Method::get, "\"2024-05-01T12:00:00.000001Z\"", 1us},
      {"Date header", Method::head, "Wed, 01 May 2024 12:01:00 GMT", 60s},
      {"an error page", Method::get, "<html>", std::nullopt},
      {"no header", Method::head, "", std::nullopt},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    const auto offset = clock_offset({row.method, {}, {}}, row.answer, local);
    REQUIRE(offset.has_value() == row.offset.has_value());
    if (offset) CHECK((*offset == *row.offset));
  }
}
