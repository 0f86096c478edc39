#include "support/breaking_file.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace sluice::test {
namespace {

struct Part {
  std::size_t first = 0;
  std::size_t end = 0;  ///< behind the last byte
};

/// The part a Range header asks for; nullopt when it asks for none that there is. What is not one
/// range of bytes throws: no test sends that.
std::optional<Part> parse_part(std::string_view range, std::size_t size) {
  if (!range.starts_with("bytes=")) throw std::runtime_error("odd Range: " + std::string(range));
  range.remove_prefix(6);
  const auto dash = range.find('-');
  const std::string first(range.substr(0, dash));
  const std::string last(range.substr(dash + 1));
  if (first.empty()) return Part{size - std::min<std::size_t>(size, std::stoul(last)), size};
  const Part part{std::stoul(first), last.empty() ? size : std::min(size, std::stoul(last) + 1)};
  if (part.first >= part.end) return std::nullopt;
  return part;
}

bool wants_part(const OriginRequest& request, const Headers& headers) {
  if (!request.headers.contains("Range")) return false;
  const auto condition = request.headers.find("If-Range");
  return !condition || *condition == headers["ETag"] || *condition == headers["Last-Modified"];
}

void serve(const BreakingFile& file, std::atomic<std::size_t>& turns, const OriginRequest& request,
           Connection& connection) {
  Part part{0, file.body.size()};
  Headers headers = file.headers;
  const bool partial = wants_part(request, file.headers);
  if (partial) {
    const auto wanted = parse_part(request.headers["Range"], file.body.size());
    if (!wanted) {
      connection.send_response(
          416, {{"Content-Range", "bytes */" + std::to_string(file.body.size())}}, {});
      return;
    }
    part = *wanted;
    headers.add("Content-Range", partial_headers(part.first, part.end - part.first,
                                                 file.body.size())["Content-Range"]);
  }
  headers.add("Content-Length", std::to_string(part.end - part.first));
  connection.send_head(partial ? 206 : 200, headers);
  if (request.method == "HEAD") return;
  const auto turn = turns++;
  const auto cut = turn < file.cuts.size() ? file.cuts[turn] : file.body.size();
  const auto end = std::clamp(cut, part.first, part.end);
  connection.send(std::string_view(file.body).substr(part.first, end - part.first));
  if (end == part.end) return;
  file.ending == Ending::rst ? connection.reset() : connection.close();
}

}  // namespace

OriginHandler serve_breaking(BreakingFile file) {
  const auto shared = std::make_shared<const BreakingFile>(std::move(file));
  const auto turns = std::make_shared<std::atomic<std::size_t>>(0);
  return [shared, turns](const OriginRequest& request, Connection& connection) {
    serve(*shared, *turns, request, connection);
  };
}

Headers partial_headers(std::size_t first, std::size_t size, std::size_t total) {
  return {{"ETag", "\"v1\""},
          {"Content-Range", "bytes " + std::to_string(first) + "-" +
                                std::to_string(first + size - 1) + "/" + std::to_string(total)}};
}

}  // namespace sluice::test
