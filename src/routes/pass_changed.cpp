#include "pass_changed.hpp"

#include "sluice/delivery/transformed_body.hpp"
#include "sluice/http/content_type.hpp"
#include "sluice/http/range.hpp"
#include "sluice/media/segment_sniff.hpp"

namespace sluice::routes {
namespace {

using media::SegmentKind;

/// What was decrypted and makes no sense may have had the wrong key, which only its end tells: it
/// is held back up to here, so that the player is told and not given noise.
constexpr std::size_t kMaxHeldBack = 512 * 1024;

/// The next `least` bytes of a body, or all there are. Points into `kept` or into the body, until
/// its next piece is taken. Errors of next().
template <class Body>
awaitable<Result<std::string_view>> read_ahead(Body& body, std::size_t least, std::string& kept) {
  while (kept.size() < least) {
    const auto piece = co_await body.next();
    if (!piece) co_return piece.error();
    const std::string_view bytes(piece->data(), piece->size());
    if (kept.empty() && bytes.size() >= least) co_return bytes;
    if (bytes.empty()) break;
    kept += bytes;
  }
  co_return kept;
}

/// The body's first byte is the segment's.
bool starts_at_start(const http::ResponseHead& head, const BodyChanges& changes) {
  if (head.status == 200 || changes.range) return true;
  const auto range = http::parse_content_range(head.headers.value("Content-Range"));
  return head.status == 206 && range && range->first == 0;
}

bool is_untold(const http::ResponseHead& head) {
  return http::is_uninformative(head.headers.value("Content-Type"));
}

std::string guess_type(const TypeGuess& guess, SegmentKind kind) {
  const auto type =
      media::choose_segment_type(kind, guess.extension, http::segment_type(guess.extension));
  return type.empty() ? guess.otherwise : std::string(type);
}

/// A body in which nothing changes but, perhaps, which part of a file it is.
awaitable<Result<>> pass_unchanged(server::Exchange& exchange, Services& services,
                                   upstream::Response& response, const ResponseEdits& edits,
                                   const BodyChanges& changes, const TypeGuess& guess,
                                   PassThrough head) {
  std::string kept;
  if (is_untold(response.head)) {
    auto kind = SegmentKind::unknown;
    if (!exchange.is_head() && starts_at_start(response.head, changes)) {
      delivery::ContinuedBody body(exchange.worker(), services.upstream, response,
                                   &exchange.cancel());
      const auto bytes = co_await read_ahead(body, media::kSniffBytes, kept);
      if (!bytes) co_return bytes.error();
      head.read_ahead = *bytes;
      kind = media::sniff_segment(*bytes);
    }
    head.content_type = guess_type(guess, kind);
  }
  co_return co_await pass_through(exchange, services, response, edits, std::move(head));
}

}  // namespace

awaitable<Result<>> pass_changed(server::Exchange& exchange, Services& services,
                                 upstream::Response& response, const ResponseEdits& edits,
                                 const BodyChanges& changes, const SegmentSecrets& secrets,
                                 const TypeGuess& guess, PassThrough head) {
  const auto status = response.head.status;
  if (!changes.any() || (status != 200 && status != 206)) {
    co_return co_await pass_unchanged(exchange, services, response, edits, changes, guess,
                                      std::move(head));
  }
  auto chain = make_chain(changes, response.head, secrets);
  if (!chain) co_return chain.error();
  head.whole = true;
  if (chain->empty()) {
    co_return co_await pass_unchanged(exchange, services, response, edits, changes, guess,
                                      std::move(head));
  }
  const auto length = length_of(response.head, exchange.is_head());
  if (length) head.length = chain->output_size(*length);
  delivery::ContinuedBody origin(exchange.worker(), services.upstream, response,
                                 &exchange.cancel());
  delivery::TransformedBody body(origin, *std::move(chain));
  head.body = &body;
  std::string kept;
  auto kind = SegmentKind::unknown;
  if (!exchange.is_head()) {
    auto bytes = co_await read_ahead(body, media::kSniffBytes, kept);
    if (!bytes) co_return bytes.error();
    kind = media::sniff_segment(*bytes);
    if (changes.decryption && kind == SegmentKind::unknown) {
      if (kept.empty()) kept = *bytes;
      bytes = co_await read_ahead(body, kMaxHeldBack, kept);
      if (!bytes) co_return bytes.error();
    }
    head.read_ahead = *bytes;
  }
  if (is_untold(response.head)) head.content_type = guess_type(guess, kind);
  co_return co_await pass_through(exchange, services, response, edits, std::move(head));
}

}  // namespace sluice::routes
