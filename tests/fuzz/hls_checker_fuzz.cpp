#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/check.hpp"
#include "routes/child_urls.hpp"
#include "sluice/media/hls_rewrite.hpp"
#include "support/playlist_checker.hpp"

using namespace sluice;

namespace {

constexpr std::string_view kInner = "http://p";
constexpr std::string_view kOuter = "https://outer.example:8443";
constexpr std::array<std::string_view, 4> kBases = {
    "https://cdn.example/live/ch1/index.m3u8?sess=1/2&token=t", "http://bare.example",
    "http://u:p@[2001:db8::2]:8080/a/./b/../c//d;e=f/p%2Fq.m3u8?x=/../y?z",
    "http://iptv.example/get.php?user=a&type=m3u_plus"};

std::string rewritten(std::string_view text, std::string_view url, std::string_view proxy) {
  static const access::Gate gate{access::Settings()};
  static const access::Authority anybody;
  static const Query query = Query::parse("api_password=a%26b&d=x&h_referer=http%3A%2F%2Fr%2F");
  const routes::ChildUrls mapper({std::string(proxy), gate, anybody}, query, {});
  const auto out = media::rewrite_playlist(text, Url::parse(url).value(), mapper);
  fuzz::check(out.has_value(), "a short playlist is rewritten");
  return *out;
}

int judge(const std::vector<std::string>& faults) {
  for (const std::string& fault : faults) std::fprintf(stderr, "%s\n", fault.c_str());
  fuzz::check(faults.empty(), "a rewritten playlist is closed and lossless");
  return 0;
}

}  // namespace

/// Input: a playlist; its size chooses the URL it is found at. What the program makes of it is
/// judged by code that shares nothing with the program's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // Longer ones meet no new state, and the checker is slow.
  if (size > std::size_t{128} * 1024) return 0;
  const std::string_view url = kBases[size % kBases.size()];
  const std::string once = rewritten(text, url, kInner);
  // A second proxy in front costs as much again as all the rest.
  const bool layered = size / kBases.size() % 4 == 0;
  if (!layered) return judge(test::rewrite_faults({text, url, once, kInner}));
  const std::string twice = rewritten(once, test::proxied_playlist(kInner, url), kOuter);
  return judge(test::layered_faults({text, url, once, kInner}, twice, kOuter));
}
