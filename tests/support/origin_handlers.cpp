#include "support/origin_handlers.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "support/bytes.hpp"

namespace sluice::test {
namespace {

constexpr std::string_view kLastModified = "Wed, 01 Jan 2025 00:00:00 GMT";

struct File {
  std::string body;
  std::string content_type;
  std::string etag;
};

struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

/// Digits only; a number too large for 64 bits is as good as the largest.
std::optional<std::uint64_t> parse_position(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (stop != end || error == std::errc::invalid_argument) return std::nullopt;
  return error == std::errc() ? number : UINT64_MAX;
}

enum class RangeVerdict : std::uint8_t { ignore, unsatisfiable, serve };

/// One range of the bytes unit, against a body of `size` bytes (RFC 9110, 14.1.2).
RangeVerdict parse_range(std::string_view text, std::uint64_t size, ByteRange& range) {
  const auto equals = text.find('=');
  if (!equal_ignoring_case(text.substr(0, equals), "bytes") || equals == std::string_view::npos) {
    return RangeVerdict::ignore;
  }
  const std::string_view spec = trimmed(text.substr(equals + 1));
  const auto dash = spec.find('-');
  if (dash == std::string_view::npos) return RangeVerdict::ignore;
  const auto first = parse_position(spec.substr(0, dash));
  const auto last = parse_position(spec.substr(dash + 1));
  if (dash == 0) {
    if (!last) return RangeVerdict::ignore;
    if (*last == 0 || size == 0) return RangeVerdict::unsatisfiable;
    range = {size - std::min(*last, size), size - 1};
    return RangeVerdict::serve;
  }
  const bool open_end = dash + 1 == spec.size();
  if (!first || (!last && !open_end) || (last && *last < *first)) return RangeVerdict::ignore;
  if (*first >= size) return RangeVerdict::unsatisfiable;
  range = {*first, open_end ? size - 1 : std::min(*last, size - 1)};
  return RangeVerdict::serve;
}

/// If-None-Match compares weakly (RFC 9110, 13.1.2).
bool client_has_it(const OriginRequest& request, const std::string& etag) {
  return request.headers["If-None-Match"] == "*" ||
         request.headers.has_token("If-None-Match", etag) ||
         request.headers.has_token("If-None-Match", "W/" + etag);
}

/// If-Range compares strongly (RFC 9110, 13.1.5).
bool range_applies(const OriginRequest& request, const File& file) {
  if (request.method != "GET" || request.headers.count("Range") != 1) return false;
  const auto condition = request.headers.find("If-Range");
  return !condition || *condition == file.etag || *condition == kLastModified;
}

void serve_file(const File& file, const OriginRequest& request, Connection& connection) {
  if (request.method != "GET" && request.method != "HEAD") {
    connection.send_response(405, {{"Allow", "GET, HEAD"}}, {});
    return;
  }
  Headers headers{{"ETag", file.etag}, {"Last-Modified", std::string(kLastModified)}};
  if (client_has_it(request, file.etag)) {
    connection.send_response(304, headers, {});
    return;
  }
  headers.add("Accept-Ranges", "bytes");
  ByteRange range;
  const RangeVerdict verdict = range_applies(request, file)
                                   ? parse_range(request.headers["Range"], file.body.size(), range)
                                   : RangeVerdict::ignore;
  const std::string total = std::to_string(file.body.size());
  if (verdict == RangeVerdict::unsatisfiable) {
    headers.add("Content-Range", "bytes */" + total);
    connection.send_response(416, headers, {});
    return;
  }
  headers.add("Content-Type", file.content_type);
  if (verdict == RangeVerdict::ignore) {
    connection.send_response(200, headers, file.body);
    return;
  }
  headers.add("Content-Range", "bytes " + std::to_string(range.first) + "-" +
                                   std::to_string(range.last) + "/" + total);
  const std::string_view part =
      std::string_view(file.body).substr(static_cast<std::size_t>(range.first),
                                         static_cast<std::size_t>(range.last - range.first + 1));
  connection.send_response(206, headers, part);
}

void end_connection(Connection& connection, Ending ending) {
  if (ending == Ending::rst) {
    connection.reset();
  } else {
    connection.close();
  }
}

}  // namespace

std::string etag_of(const std::string& body) {
  return "\"" + sha256_hex(body).substr(0, 16) + "\"";
}

OriginHandler serve_body(std::string body, std::string content_type) {
  std::string etag = etag_of(body);
  const auto file =
      std::make_shared<const File>(File{std::move(body), std::move(content_type), std::move(etag)});
  return [file](const OriginRequest& request, Connection& connection) {
    serve_file(*file, request, connection);
  };
}

OriginHandler redirect_to(std::string url, int status) {
  return test::status(status, {{"Location", std::move(url)}});
}

OriginHandler status(int code, Headers headers, std::string body) {
  return [code, headers = std::move(headers), body = std::move(body)](const OriginRequest&,
                                                                      Connection& connection) {
    connection.send_response(code, headers, body);
  };
}

OriginHandler cut_body(std::size_t full_length, std::size_t sent_bytes, Ending ending) {
  if (sent_bytes >= full_length) throw std::logic_error("cut_body: nothing is cut off");
  return [full_length, ending, body = random_bytes(sent_bytes)](const OriginRequest&,
                                                                Connection& connection) {
    connection.send_head(200, {{"Content-Length", std::to_string(full_length)}});
    connection.send(body);
    end_connection(connection, ending);
  };
}

OriginHandler wrong_length(std::size_t declared, std::string body) {
  if (declared == body.size()) throw std::logic_error("wrong_length: the length is right");
  return [declared, body = std::move(body)](const OriginRequest&, Connection& connection) {
    connection.send_response(200, {{"Content-Length", std::to_string(declared)}}, body);
    if (body.size() > declared) connection.keep_open();
  };
}

OriginHandler refuse_head(int status, OriginHandler inner) {
  return [status, inner = std::move(inner)](const OriginRequest& request, Connection& connection) {
    if (request.method != "HEAD") return inner(request, connection);
    connection.send_response(status, {}, {});
  };
}

OriginHandler chunked(std::string body, std::vector<std::size_t> chunk_sizes,
                      std::string content_type) {
  if (chunk_sizes.empty() || std::count(chunk_sizes.begin(), chunk_sizes.end(), 0U) != 0) {
    throw std::logic_error("chunked: chunk sizes are at least 1");
  }
  return [body = std::move(body), sizes = std::move(chunk_sizes), type = std::move(content_type)](
             const OriginRequest&, Connection& connection) {
    connection.send_head(200, {{"Content-Type", type}, {"Transfer-Encoding", "chunked"}});
    std::size_t sent = 0;
    for (std::size_t chunk = 0; sent < body.size(); ++chunk) {
      const std::size_t size = sizes[std::min(chunk, sizes.size() - 1)];
      if (!connection.send_chunk(std::string_view(body).substr(sent, size))) return;
      sent += std::min(size, body.size() - sent);
    }
    connection.end_chunks();
  };
}

OriginHandler slow_drip(std::string body, std::size_t piece, std::chrono::milliseconds interval,
                        std::string content_type) {
  return [body = std::move(body), piece, interval, type = std::move(content_type)](
             const OriginRequest& request, Connection& connection) {
    connection.send_head(200,
                         {{"Content-Type", type}, {"Content-Length", std::to_string(body.size())}});
    if (request.method != "HEAD") connection.drip(body, piece, interval);
  };
}

OriginHandler pausing(std::string body, std::vector<std::size_t> positions,
                      std::chrono::milliseconds length) {
  if (!std::is_sorted(positions.begin(), positions.end()) ||
      (!positions.empty() && positions.back() >= body.size())) {
    throw std::logic_error("pausing: positions ascend and lie inside the body");
  }
  return [body = std::move(body), positions = std::move(positions), length](
             const OriginRequest&, Connection& connection) {
    connection.send_head(200, {{"Content-Length", std::to_string(body.size())}});
    std::size_t sent = 0;
    for (const std::size_t position : positions) {
      connection.send(std::string_view(body).substr(sent, position - sent));
      sent = position;
      if (!connection.pause(length)) return;
    }
    connection.send(std::string_view(body).substr(sent));
  };
}

OriginHandler until_close(std::string body, std::string content_type) {
  return [body = std::move(body), type = std::move(content_type)](const OriginRequest&,
                                                                  Connection& connection) {
    connection.send_head(200, {{"Content-Type", type}, {"Connection", "close"}});
    connection.send(body);
    connection.close();
  };
}

OriginHandler hang_up(Ending ending) {
  return [ending](const OriginRequest&, Connection& connection) {
    end_connection(connection, ending);
  };
}

OriginHandler never_answer() {
  return [](const OriginRequest&, Connection& connection) {
    connection.wait_for_peer_close(std::chrono::hours(24));
  };
}

OriginHandler close_after_response(OriginHandler inner, std::chrono::milliseconds delay) {
  return [inner = std::move(inner), delay](const OriginRequest& request, Connection& connection) {
    inner(request, connection);
    connection.close_later(delay);
  };
}

OriginHandler drop_next_request(OriginHandler inner) {
  return [inner = std::move(inner)](const OriginRequest& request, Connection& connection) {
    inner(request, connection);
    connection.drop_next_request();
  };
}

OriginHandler in_sequence(std::vector<OriginHandler> handlers) {
  if (handlers.empty()) throw std::logic_error("in_sequence: no handlers");
  const auto next = std::make_shared<std::atomic<std::size_t>>(0);
  return
      [handlers = std::move(handlers), next](const OriginRequest& request, Connection& connection) {
        const std::size_t turn = std::min(next->fetch_add(1), handlers.size() - 1);
        handlers[turn](request, connection);
      };
}

}  // namespace sluice::test
