#include "body_changes.hpp"

#include <fmt/format.h>

#include <limits>

#include "sluice/core/text.hpp"
#include "sluice/http/range.hpp"
#include "sluice/media/byte_window.hpp"
#include "sluice/media/segment_decryption.hpp"
#include "sluice/media/ts_unwrap.hpp"

namespace sluice::routes {
namespace {

constexpr std::uint64_t kMaxOffset = std::numeric_limits<std::int64_t>::max();

Error bad_parameter(std::string_view name, std::string_view what) {
  return client_error(Errc::bad_request, fmt::format("parameter {} {}", name, what));
}

std::optional<unsigned> hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = ascii_lower(c);
  if (lower >= 'a' && lower <= 'f') return lower - 'a' + 10;
  return std::nullopt;
}

std::optional<std::string> parse_iv(std::string_view text) {
  if (istarts_with(text, "0x")) text.remove_prefix(2);
  if (text.size() != 2 * cenc::kIvSize) return std::nullopt;
  std::string iv;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto high = hex_digit(text[i]);
    const auto low = hex_digit(text[i + 1]);
    if (!high || !low) return std::nullopt;
    iv += static_cast<char>(*high << 4 | *low);
  }
  return iv;
}

std::optional<ByteRange> parse_range(std::string_view text) {
  const auto dash = text.find('-');
  if (dash == text.npos) return std::nullopt;
  const auto first = parse_u64(text.substr(0, dash));
  const auto last = parse_u64(text.substr(dash + 1));
  if (!first || !last || *first > *last || *last > kMaxOffset) return std::nullopt;
  return ByteRange{*first, *last};
}

Result<std::optional<Decryption>> parse_decryption(const Query& query) {
  const auto method = query.get_nonempty("decrypt_method");
  const auto key = query.get_nonempty("decrypt_key");
  const auto iv = query.get_nonempty("decrypt_iv");
  if (!method && !key && !iv) return std::nullopt;
  if (!method) return bad_parameter("decrypt_method", "is missing");
  if (!key) return bad_parameter("decrypt_key", "is missing");
  if (!iv) return bad_parameter("decrypt_iv", "is missing");
  const auto known = cenc::parse_segment_method(*method);
  if (!known) {
    return bad_parameter("decrypt_method", "is none of AES-128, AES-256, AES-256-CTR");
  }
  auto url = Url::parse(*key);
  if (!url) return bad_parameter("decrypt_key", "is not a URL");
  auto bytes = parse_iv(*iv);
  if (!bytes) return bad_parameter("decrypt_iv", "is not 32 hexadecimal digits");
  return Decryption{*known, *std::move(url), *std::move(bytes)};
}

/// What still has to be cut out of the body; nullopt when it is what was asked for.
Result<std::optional<ByteRange>> find_cut(const std::optional<ByteRange>& wanted,
                                          const http::ResponseHead& head) {
  if (head.status == 206) {
    const auto sent = http::parse_content_range(head.headers.value("Content-Range"));
    const bool right = wanted && sent && sent->first == wanted->first && sent->last == wanted->last;
    if (!right) return upstream_error(Errc::bad_segment, "it is another part of the file");
    return std::nullopt;
  }
  const bool known = head.body.kind == http::BodyFraming::Kind::length;
  if (wanted && known && wanted->last >= head.body.length) {
    return upstream_error(Errc::bad_segment, "its byte range reaches beyond the end of the file");
  }
  return wanted;
}

}  // namespace

void BodyChanges::set_range(http::HeaderList& upstream_headers) const {
  upstream_headers.remove("Range");
  upstream_headers.remove("If-Range");
  if (range) upstream_headers.add("range", fmt::format("bytes={}-{}", range->first, range->last));
}

Result<bool> parse_transformer(const Query& query) {
  const auto name = query.get_nonempty("transformer");
  if (!name) return false;
  if (*name != "ts_stream") return bad_parameter("transformer", "is unknown; known: ts_stream");
  return true;
}

Result<BodyChanges> parse_body_changes(const Query& query) {
  BodyChanges changes;
  const auto unwrap = parse_transformer(query);
  if (!unwrap) return unwrap.error();
  changes.unwrap = *unwrap;
  if (const auto text = query.get_nonempty("byterange")) {
    changes.range = parse_range(*text);
    if (!changes.range) return bad_parameter("byterange", "is not first-last");
  }
  auto decryption = parse_decryption(query);
  if (!decryption) return decryption.error();
  changes.decryption = *std::move(decryption);
  return changes;
}

Result<media::TransformChain> make_chain(const BodyChanges& changes, const http::ResponseHead& head,
                                         const std::string& key) {
  using media::TsUnwrap;
  media::TransformChain chain;
  const auto cut = find_cut(changes.range, head);
  if (!cut) return cut.error();
  if (*cut) chain.add(std::make_unique<media::ByteWindow>((*cut)->first, (*cut)->length()));
  if (const auto& decryption = changes.decryption) {
    // A disguise may be around the ciphertext, or have been encrypted with the rest.
    if (changes.unwrap) chain.add(std::make_unique<TsUnwrap>(TsUnwrap::Payload::opaque));
    chain.add(media::make_segment_decryption({decryption->method, key, decryption->iv}));
  }
  if (changes.unwrap) chain.add(std::make_unique<TsUnwrap>());
  return chain;
}

}  // namespace sluice::routes
