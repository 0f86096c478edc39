#include <fmt/format.h>

#include "handlers.hpp"
#include "pass_changed.hpp"
#include "proxy_request.hpp"
#include "sluice/core/encoding.hpp"

namespace sluice::routes {
namespace {

/// attachment with the name quoted, and once more in UTF-8 when it is not plain ASCII. RFC 6266,
/// 4.3 and RFC 8187, 3.2.
std::string attachment(std::string_view filename) {
  std::string plain;
  bool ascii = true;
  for (const char c : filename) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) ascii = false;
    if (c == '"' || c == '\\') plain += '\\';
    plain += byte < 0x20 || byte >= 0x7f ? '_' : c;
  }
  auto header = fmt::format("attachment; filename=\"{}\"", plain);
  if (ascii) return header;
  header += "; filename*=UTF-8''";
  for (const char c : filename) {
    const auto encoded = form_encode(std::string_view(&c, 1));
    header += encoded == "+" ? "%20" : encoded;
  }
  return header;
}

}  // namespace

awaitable<Result<>> serve_stream(server::Exchange& exchange, Services& services) {
  const bool names_file = exchange.query().get_nonempty("d").has_value();
  auto wanted = parse_proxy_request(exchange, true);
  if (!wanted) co_return wanted.error();
  const auto unwrap = parse_transformer(exchange.query());
  if (!unwrap) co_return unwrap.error();
  BodyChanges body;
  body.unwrap = *unwrap;
  if (body.any()) body.set_range(wanted->upstream_headers);

  auto response = co_await fetch(exchange, services, std::move(*wanted).upstream_request());
  if (!response) co_return response.error();

  PassThrough changes;
  if (names_file && !exchange.path_tail().empty()) {
    changes.content_disposition = attachment(exchange.path_tail());
  }
  if (body.any()) {
    const SegmentSecrets no_secrets;
    const TypeGuess no_guess;
    co_return co_await pass_changed(exchange, services, **response, wanted->edits, body, no_secrets,
                                    no_guess, std::move(changes));
  }
  co_return co_await pass_through(exchange, services, **response, wanted->edits,
                                  std::move(changes));
}

}  // namespace sluice::routes
