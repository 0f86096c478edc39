#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "sluice/media/hls_rewrite.hpp"
#include "support/catch.hpp"
#include "unit/media/mappers.hpp"

// SLUICE_TEST_DIR is the path of the folder tests/, given by the build.

using namespace sluice;
using namespace sluice::media;
namespace fs = std::filesystem;

namespace {

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// With SLUICE_UPDATE_GOLDEN set, the expected files are written anew, to be reviewed as a diff.
void update_if_asked(const fs::path& path, const std::string& text) {
  if (std::getenv("SLUICE_UPDATE_GOLDEN") == nullptr) return;
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace

TEST_CASE("rewrite_playlist gives the golden playlists", "[media][unit]") {
  const Url base = Url::parse("https://cdn.example/live/ch1/index.m3u8?sess=1/2").value();
  const char* const scenarios[] = {"hls_master_all_tags", "hls_media_ts_keys", "hls_media_fmp4",
                                   "hls_low_latency",     "hls_crlf_bom",      "hls_odd_spacing",
                                   "hls_iptv_list"};
  for (const char* scenario : scenarios) {
    INFO(scenario);
    const fs::path folder = fs::path(SLUICE_TEST_DIR) / "golden" / scenario;
    const std::string in = read_file(folder / "in.m3u8");
    REQUIRE_FALSE(in.empty());
    const auto out = rewrite_playlist(in, base, test::DescribingMapper());
    REQUIRE(out.has_value());
    update_if_asked(folder / "out.m3u8", *out);
    CHECK(*out == read_file(folder / "out.m3u8"));
  }
}
