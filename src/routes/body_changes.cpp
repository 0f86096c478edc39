#include "body_changes.hpp"

#include "sluice/core/text.hpp"
#include "sluice/http/range.hpp"
#include "sluice/media/byte_window.hpp"
#include "sluice/media/ts_unwrap.hpp"

namespace sluice::routes {
namespace {

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

std::unique_ptr<media::ByteTransform> make_decryption(const Decryption& decryption,
                                                      const std::optional<ByteRange>& range,
                                                      const SegmentSecrets& secrets) {
  if (!decryption.key_url) return media::make_map_unprotection();
  media::SegmentKey key{decryption.method, secrets.key, decryption.iv, secrets.protection};
  if (range) key.first_byte = range->first;
  return media::make_segment_decryption(key);
}

}  // namespace

void BodyChanges::set_range(http::HeaderList& upstream_headers) const {
  upstream_headers.remove("Range");
  upstream_headers.remove("If-Range");
  if (range) upstream_headers.add("range", range_header(*range));
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
    changes.range = parse_byte_range(*text);
    if (!changes.range) return bad_parameter("byterange", "is not first-last");
  }
  auto decryption = parse_decryption(query);
  if (!decryption) return decryption.error();
  changes.decryption = *std::move(decryption);
  return changes;
}

Result<media::TransformChain> make_chain(const BodyChanges& changes, const http::ResponseHead& head,
                                         const SegmentSecrets& secrets) {
  using media::TsUnwrap;
  media::TransformChain chain;
  const auto cut = find_cut(changes.range, head);
  if (!cut) return cut.error();
  if (*cut) chain.add(std::make_unique<media::ByteWindow>((*cut)->first, (*cut)->length()));
  if (const auto& decryption = changes.decryption) {
    // A disguise may be around the ciphertext, or have been encrypted with the rest.
    const bool opaque = !cenc::encrypts_samples(decryption->method);
    const auto payload = opaque ? TsUnwrap::Payload::opaque : TsUnwrap::Payload::media;
    if (changes.unwrap) chain.add(std::make_unique<TsUnwrap>(payload));
    chain.add(make_decryption(*decryption, changes.range, secrets));
  }
  if (changes.unwrap) chain.add(std::make_unique<TsUnwrap>());
  return chain;
}

}  // namespace sluice::routes
