#include "segment_key.hpp"

#include <fmt/format.h>

#include "pass_through.hpp"

namespace sluice::routes {
namespace {

/// No answer longer than this is a key in any form.
constexpr std::size_t kMaxKeyBody = 64;

awaitable<Result<std::string>> read_key(upstream::Response& response, std::size_t size) {
  if (response.head.status != 200) {
    co_return upstream_error(
        Errc::bad_key, fmt::format("the origin answered {} to its request", response.head.status));
  }
  std::string key;
  while (key.size() <= kMaxKeyBody) {
    const auto piece = co_await response.body.next();
    if (!piece) co_return piece.error();
    if (piece->empty()) break;
    key.append(piece->data(), std::min(piece->size(), kMaxKeyBody + 1));
  }
  if (key.size() == size) co_return key;
  const auto found = key.size() > kMaxKeyBody ? fmt::format("more than {}", kMaxKeyBody)
                                              : fmt::to_string(key.size());
  co_return upstream_error(Errc::bad_key,
                           fmt::format("it has {} bytes, {} are needed", found, size));
}

}  // namespace

awaitable<Result<std::optional<FetchedKey>>> fetch_segment_key(server::Exchange& exchange,
                                                               Services& services,
                                                               const Decryption& decryption,
                                                               http::HeaderList headers) {
  headers.remove("Range");
  headers.remove("If-Range");
  auto id = decryption.key_url.text() + '\n';
  headers.write_to(id);
  const auto size = cenc::key_size(decryption.method);
  if (auto known = services.segment_keys.find(id, Clock::now()); known && known->size() == size) {
    co_return FetchedKey{std::move(id), *std::move(known)};
  }
  upstream::Request request{http::Method::get, decryption.key_url, std::move(headers)};
  auto response = co_await services.upstream.open(std::move(request), &exchange.cancel());
  if (!response) co_return std::move(response).error().in("the key of the segment");
  if ((*response)->head.status >= 400) {
    auto sent = co_await pass_error(exchange, **response, " to the request for the segment's key");
    if (!sent) co_return sent.error();
    co_return std::nullopt;
  }
  auto key = co_await read_key(**response, size);
  if (!key) co_return key.error();
  services.segment_keys.put(id, *key, Clock::now());
  co_return FetchedKey{std::move(id), *std::move(key)};
}

}  // namespace sluice::routes
