#include "segment_secrets.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "pass_through.hpp"
#include "sluice/http/range.hpp"
#include "sluice/media/mp4_protection.hpp"

namespace sluice::routes {
namespace {

/// No answer longer than this is a key in any form.
constexpr std::size_t kMaxKeyBody = 64;
/// Maps hold a few kilobytes; films with all their tables in front are not meant.
constexpr std::size_t kMaxMapBody = std::size_t{512} * 1024;
/// How much of a file is read to get to a part of it, where the origin gives no parts.
constexpr std::uint64_t kMaxSkipped = 64 * 1024 * 1024;

/// Fetches what belongs to a segment. One at a time.
class Fetch {
 public:
  Fetch(server::Exchange& exchange, Services& services, http::HeaderList headers)
      : exchange_(exchange), services_(services), headers_(std::move(headers)) {
    headers_.remove("Range");
    headers_.remove("If-Range");
  }

  /// Under which it is remembered.
  [[nodiscard]] std::string id_of(const Url& url, const std::optional<ByteRange>& range) const {
    auto id = url.text() + '\n';
    if (range) id += range_header(*range) + '\n';
    headers_.write_to(id);
    return id;
  }

  /// The whole of it, or that part; of more than `most` bytes some more. nullopt when the exchange
  /// has been answered with the origin's refusal.
  awaitable<Result<std::optional<std::string>>> get(const Url& url,
                                                    const std::optional<ByteRange>& range,
                                                    std::size_t most, std::string_view what,
                                                    Errc otherwise) {
    upstream::Request request{http::Method::get, url, headers_};
    if (range) request.headers.add("range", range_header(*range));
    auto response = co_await services_.upstream.open(std::move(request), &exchange_.cancel());
    if (!response) co_return std::move(response).error().in(fmt::format("the {}", what));
    const auto status = (*response)->head.status;
    if (status >= 400) {
      const auto added = fmt::format(" to the request for the {}", what);
      auto sent = co_await pass_error(exchange_, **response, added);
      if (!sent) co_return sent.error();
      co_return std::nullopt;
    }
    const auto part = http::parse_content_range((*response)->head.headers.value("Content-Range"));
    const bool is_part = status == 206 && range && part && part->first == range->first;
    if (status != 200 && !is_part) {
      co_return upstream_error(otherwise,
                               fmt::format("the origin answered {} to its request", status));
    }
    auto skipped = range && !is_part ? range->first : 0;
    if (skipped > kMaxSkipped) {
      co_return upstream_error(otherwise, "its byte range lies too far behind the file's start");
    }
    const auto wanted = range ? std::min<std::uint64_t>(range->length(), most + 1) : most + 1;
    std::string body;
    while (body.size() < wanted) {
      const auto piece = co_await (*response)->body.next();
      if (!piece) co_return piece.error();
      if (piece->empty()) break;
      std::string_view bytes(piece->data(), piece->size());
      const auto dropped = std::min<std::uint64_t>(skipped, bytes.size());
      skipped -= dropped;
      bytes.remove_prefix(dropped);
      body.append(bytes.substr(0, wanted - body.size()));
    }
    co_return body;
  }

 private:
  server::Exchange& exchange_;
  Services& services_;
  http::HeaderList headers_;
};

Result<> check_key(std::string_view key, std::size_t size) {
  if (key.size() == size) return {};
  const auto found = key.size() > kMaxKeyBody ? fmt::format("more than {}", kMaxKeyBody)
                                              : fmt::to_string(key.size());
  return upstream_error(Errc::bad_key, fmt::format("it has {} bytes, {} are needed", found, size));
}

/// False when the exchange has been answered.
awaitable<Result<bool>> add_key(Fetch& fetch, Services& services, const Decryption& decryption,
                                FetchedSecrets& into) {
  auto id = fetch.id_of(*decryption.key_url, std::nullopt);
  const auto size = cenc::key_size(decryption.method);
  auto known = services.segment_keys.find(id, Clock::now());
  if (!known || known->size() != size) {
    known.reset();
    auto fetched = co_await fetch.get(*decryption.key_url, std::nullopt, kMaxKeyBody,
                                      "segment's key", Errc::bad_key);
    if (!fetched) co_return fetched.error();
    if (!*fetched) co_return false;
    if (auto checked = check_key(**fetched, size); !checked) co_return checked.error();
    known = **std::move(fetched);
    services.segment_keys.put(id, *known, Clock::now());
  }
  into.secrets.key = *std::move(known);
  into.key_id = std::move(id);
  co_return true;
}

/// The same for the map.
awaitable<Result<bool>> add_map(Fetch& fetch, Services& services, const Decryption::Map& map,
                                FetchedSecrets& into) {
  auto id = fetch.id_of(map.url, map.range);
  auto known = services.segment_maps.find(id, Clock::now());
  if (!known) {
    auto fetched =
        co_await fetch.get(map.url, map.range, kMaxMapBody, "segment's map", Errc::bad_segment);
    if (!fetched) co_return fetched.error();
    if (!*fetched) co_return false;
    if ((*fetched)->size() > kMaxMapBody) {
      co_return upstream_error(Errc::bad_segment,
                               fmt::format("its map has more than {} bytes", kMaxMapBody));
    }
    auto parsed = media::Mp4Protection::parse(**fetched);
    if (!parsed) co_return std::move(parsed).error().in("the segment's map");
    known = std::make_shared<const media::Mp4Protection>(*std::move(parsed));
    services.segment_maps.put(id, *known, Clock::now());
  }
  into.secrets.protection = *std::move(known);
  into.map_id = std::move(id);
  co_return true;
}

}  // namespace

void forget_secrets(Services& services, const FetchedSecrets& secrets) {
  services.segment_keys.forget(secrets.key_id);
  services.segment_maps.forget(secrets.map_id);
}

awaitable<Result<std::optional<FetchedSecrets>>> fetch_secrets(server::Exchange& exchange,
                                                               Services& services,
                                                               const Decryption& decryption,
                                                               http::HeaderList headers) {
  FetchedSecrets found;
  if (!decryption.key_url) co_return found;
  if (exchange.is_head()) {
    // Its answer depends on what is done, not on the key.
    found.secrets.key.assign(cenc::key_size(decryption.method), '\0');
    co_return found;
  }
  Fetch fetch(exchange, services, std::move(headers));
  const auto key = co_await add_key(fetch, services, decryption, found);
  if (!key) co_return key.error();
  if (!*key) co_return std::nullopt;
  if (decryption.map) {
    const auto map = co_await add_map(fetch, services, *decryption.map, found);
    if (!map) co_return map.error();
    if (!*map) co_return std::nullopt;
  }
  co_return found;
}

}  // namespace sluice::routes
