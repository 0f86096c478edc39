#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "routes/child_urls.hpp"
#include "support/catch.hpp"
#include "support/playlist_checker.hpp"

using namespace sluice;
namespace fs = std::filesystem;

namespace {

constexpr std::string_view kInner = "http://p";
constexpr std::string_view kOuter = "https://outer.example:8443";

/// One file of tests/corpus/hls: NN_name.m3u8, at the URL in NN_name.url.
struct Sample {
  std::string name;
  std::string text;
  std::string url = "https://cdn.example/live/ch1/index.m3u8?sess=1/2&token=t";
};

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<Sample> read_corpus() {
  std::vector<Sample> samples;
  for (const auto& entry : fs::directory_iterator(fs::path(SLUICE_TEST_DIR) / "corpus/hls")) {
    if (entry.path().extension() != ".m3u8") continue;
    Sample sample{entry.path().stem().string(), read_file(entry.path())};
    const fs::path url = fs::path(entry.path()).replace_extension(".url");
    if (fs::exists(url)) {
      sample.url = read_file(url);
      sample.url.pop_back();
    }
    samples.push_back(std::move(sample));
  }
  std::sort(samples.begin(), samples.end(),
            [](const Sample& a, const Sample& b) { return a.name < b.name; });
  return samples;
}

/// What the proxy at `proxy` makes of a playlist for a request with another parameter before `d`
/// and one behind it.
std::string rewritten(std::string_view text, std::string_view url, std::string_view proxy) {
  static const access::Gate gate{access::Settings()};
  static const access::Authority anybody;
  static const Query query = Query::parse("api_password=a%26b&d=x&h_referer=http%3A%2F%2Fr%2F");
  const routes::ChildUrls mapper({std::string(proxy), gate, anybody}, query, {});
  return media::rewrite_playlist(text, Url::parse(url).value(), mapper).value();
}

enum class Proxies { one, two };

std::vector<std::string> faults_of(std::string_view text, std::string_view url, Proxies proxies) {
  const std::string once = rewritten(text, url, kInner);
  if (proxies == Proxies::one) return test::rewrite_faults({text, url, once, kInner});
  const std::string twice = rewritten(once, test::proxied_playlist(kInner, url), kOuter);
  return test::layered_faults({text, url, once, kInner}, twice, kOuter);
}

/// Changes playlists in ways that hit what they are made of. The generator's numbers are used as
/// they are: the standard's distributions differ between libraries.
class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  std::string mutate(std::string text) {
    for (auto left = 1 + below(3); left > 0; --left) change(text);
    return text;
  }

 private:
  std::size_t below(std::size_t end) { return end == 0 ? 0 : random_() % end; }

  void change(std::string& text) {
    switch (below(7)) {
      case 0: return swap_lines(text);
      case 1: return void(text.erase(below(text.size() + 1)));
      case 2: return duplicate_line(text);
      case 3: return delete_line(text);
      case 4: return change_byte(text);
      default: return insert_piece(text);
    }
  }

  struct Span {
    std::size_t start, size;
  };
  Span any_line(const std::string& text) {
    if (text.empty()) return {0, 0};
    const auto at = below(text.size());
    const auto start = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;
    return {start, std::min(text.find('\n', at), text.size() - 1) + 1 - start};
  }

  void delete_line(std::string& text) {
    const Span line = any_line(text);
    text.erase(line.start, line.size);
  }
  void duplicate_line(std::string& text) {
    const Span line = any_line(text);
    text.insert(any_line(text).start, text.substr(line.start, line.size));
  }
  void swap_lines(std::string& text) {
    const Span line = any_line(text);
    const std::string moved = text.substr(line.start, line.size);
    text.erase(line.start, line.size);
    text.insert(any_line(text).start, moved);
  }
  void change_byte(std::string& text) {
    if (!text.empty()) text[below(text.size())] = static_cast<char>(random_() & 0xffU);
  }
  void insert_piece(std::string& text) {
    static const std::string kPieces[] = {"\"",
                                          ",",
                                          "=",
                                          ":",
                                          "#",
                                          "\n",
                                          "\r",
                                          "\r\n",
                                          " ",
                                          "\t",
                                          "?",
                                          "/",
                                          "//",
                                          "..",
                                          "../",
                                          "%",
                                          "%2F",
                                          "@",
                                          "[",
                                          "]",
                                          "{$a}",
                                          "&",
                                          ";",
                                          "+",
                                          "\\",
                                          "<",
                                          "|",
                                          "#EXT",
                                          "URI=",
                                          "://",
                                          "http",
                                          "http://h/",
                                          "skd:",
                                          ".m3u8",
                                          ".mp4",
                                          "?type=m3u8",
                                          "\xef\xbb\xbf",
                                          "\xff",
                                          ",URI=\"x\"",
                                          "TYPE=MAP",
                                          "METHOD=NONE,"};
    text.insert(below(text.size() + 1), kPieces[below(std::size(kPieces))]);
  }

  std::mt19937 random_;
};

}  // namespace

TEST_CASE("rewrite_playlist and ChildUrls leave no fault in any playlist of the corpus",
          "[media][unit]") {
  const auto corpus = read_corpus();
  CHECK(corpus.size() >= 80);
  for (const Sample& sample : corpus) {
    INFO(sample.name);
    const auto faults = faults_of(sample.text, sample.url, Proxies::two);
    for (const auto& fault : faults) UNSCOPED_INFO(fault);
    CHECK(faults.empty());
  }
}

TEST_CASE("rewrite_playlist and ChildUrls leave no fault in playlists gone wrong",
          "[media][unit]") {
  constexpr std::size_t kPerFile = 200;
  constexpr std::size_t kBytesPerFile = 40'000;  // the long ones would take all the time
  unsigned seed = 1;
  for (const Sample& sample : read_corpus()) {
    Mutator mutator(++seed);
    for (std::size_t i = 0; i < kPerFile && i * sample.text.size() < kBytesPerFile; ++i) {
      const std::string text = mutator.mutate(sample.text);
      const auto faults = faults_of(text, sample.url, i % 8 == 0 ? Proxies::two : Proxies::one);
      if (faults.empty()) continue;
      INFO(sample.name << ", mutation " << i << ":\n" << text);
      FAIL_CHECK(faults[0]);
      break;
    }
  }
}
