#include <demo_clip.hpp>

#include "sluice/http/content_type.hpp"
#include "sluice/routes/table.hpp"

namespace sluice::routes {
namespace {

std::string_view type_of(std::string_view path) {
  const auto extension = path.substr(path.rfind('.') + 1);
  return extension == "m3u8" ? "application/vnd.apple.mpegurl" : http::segment_type(extension);
}

awaitable<Result<>> serve_clip(server::Exchange& exchange) {
  const auto& path = exchange.path_tail();
  const auto bytes = demo_clip::find(path);
  if (!bytes) co_return client_error(Errc::not_found);
  http::HeaderList headers;
  headers.add("Content-Type", type_of(path));
  co_return co_await exchange.send(200, std::move(headers), *bytes);
}

}  // namespace

std::vector<server::Route> demo_routes() {
  return {{"/{path}", server::Access::open, serve_clip}};
}

std::vector<DemoStream> demo_streams() {
  return {{"HLS, MPEG-TS segments", "/ts/master.m3u8"},
          {"HLS, fMP4 segments", "/fmp4/master.m3u8"}};
}

}  // namespace sluice::routes
