#include "decryption.hpp"

#include <fmt/format.h>

#include <limits>
#include <utility>

#include "sluice/core/text.hpp"

namespace sluice::routes {
namespace {

using cenc::SegmentMethod;

constexpr std::uint64_t kMaxOffset = std::numeric_limits<std::int64_t>::max();

std::optional<unsigned> hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = ascii_lower(c);
  if (lower >= 'a' && lower <= 'f') return lower - 'a' + 10;
  return std::nullopt;
}

/// A number of 128 bits, whose leading zeros may be left out. RFC 8216, 4.3.2.4.
std::optional<std::string> parse_iv(std::string_view text) {
  constexpr std::size_t kDigits = 2 * cenc::kIvSize;
  if (istarts_with(text, "0x")) text.remove_prefix(2);
  if (text.empty() || text.size() > kDigits) return std::nullopt;
  const auto digits = std::string(kDigits - text.size(), '0').append(text);
  std::string iv;
  for (std::size_t i = 0; i < kDigits; i += 2) {
    const auto high = hex_digit(digits[i]);
    const auto low = hex_digit(digits[i + 1]);
    if (!high || !low) return std::nullopt;
    iv += static_cast<char>(*high << 4 | *low);
  }
  return iv;
}

/// The parameters as they were given.
struct Given {
  std::optional<std::string> method, key, iv, map, map_range;

  explicit Given(const Query& query)
      : method(query.get_nonempty("decrypt_method")),
        key(query.get_nonempty("decrypt_key")),
        iv(query.get_nonempty("decrypt_iv")),
        map(query.get_nonempty("decrypt_map")),
        map_range(query.get_nonempty("decrypt_map_range")) {}

  [[nodiscard]] bool any_but_method() const { return key || iv || map || map_range; }
};

/// Which parameter is not there although the others need it; empty: none.
std::string_view missing_parameter(const Given& given, SegmentMethod method) {
  const bool of_samples = cenc::encrypts_samples(method);
  if (!given.key && (!of_samples || given.any_but_method())) return "decrypt_key";
  if (!given.map && given.map_range) return "decrypt_map";
  if (!given.key || given.map) return {};
  if (method == SegmentMethod::sample_aes_ctr) return "decrypt_map";
  return given.iv ? std::string_view() : "decrypt_iv";
}

Result<std::optional<Decryption::Map>> parse_map(const Given& given) {
  if (!given.map) return std::nullopt;
  auto url = Url::parse(*given.map);
  if (!url) return bad_parameter("decrypt_map", "is not a URL");
  std::optional<ByteRange> range;
  if (given.map_range && !(range = parse_byte_range(*given.map_range))) {
    return bad_parameter("decrypt_map_range", "is not first-last");
  }
  return Decryption::Map{*std::move(url), range};
}

}  // namespace

Error bad_parameter(std::string_view name, std::string_view what) {
  return client_error(Errc::bad_request, fmt::format("parameter {} {}", name, what));
}

std::optional<ByteRange> parse_byte_range(std::string_view text) {
  const auto dash = text.find('-');
  if (dash == text.npos) return std::nullopt;
  const auto first = parse_u64(text.substr(0, dash));
  const auto last = parse_u64(text.substr(dash + 1));
  if (!first || !last || *first > *last || *last > kMaxOffset) return std::nullopt;
  return ByteRange{*first, *last};
}

std::string range_header(const ByteRange& range) {
  return fmt::format("bytes={}-{}", range.first, range.last);
}

Result<std::optional<Decryption>> parse_decryption(const Query& query) {
  const Given given(query);
  if (!given.method && !given.any_but_method()) return std::nullopt;
  if (!given.method) return bad_parameter("decrypt_method", "is missing");
  const auto method = cenc::parse_segment_method(*given.method);
  if (!method) {
    return bad_parameter("decrypt_method",
                         "is none of AES-128, AES-256, AES-256-CTR, SAMPLE-AES, SAMPLE-AES-CTR");
  }
  const auto missing = missing_parameter(given, *method);
  if (!missing.empty()) return bad_parameter(missing, "is missing");
  if (given.map && !cenc::encrypts_samples(*method)) {
    return bad_parameter("decrypt_map", "is for SAMPLE-AES and SAMPLE-AES-CTR only");
  }
  Decryption decryption;
  decryption.method = *method;
  decryption.iv.assign(cenc::kIvSize, '\0');
  if (given.key) {
    auto url = Url::parse(*given.key);
    if (!url) return bad_parameter("decrypt_key", "is not a URL");
    decryption.key_url = *std::move(url);
  }
  if (given.iv) {
    auto iv = parse_iv(*given.iv);
    if (!iv) return bad_parameter("decrypt_iv", "is not 1 to 32 hexadecimal digits");
    decryption.iv = *std::move(iv);
  }
  auto map = parse_map(given);
  if (!map) return map.error();
  decryption.map = *std::move(map);
  return decryption;
}

}  // namespace sluice::routes
