#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "support/origin_connection.hpp"

namespace sluice::test {

/// Serves `body` as a good file server does: GET and HEAD (405 otherwise), strong ETag,
/// Last-Modified, Accept-Ranges, If-None-Match (304), and for GET one byte range with If-Range
/// (206; 416 when unsatisfiable; 200 when malformed, several, or If-Range does not match).
/// RFC 9110, 13 and 14.
[[nodiscard]] OriginHandler serve_body(std::string body,
                                       std::string content_type = "application/octet-stream");
/// The ETag `serve_body` sends for this body, quotes included.
[[nodiscard]] std::string etag_of(const std::string& body);

/// Answers with `status` and this Location.
[[nodiscard]] OriginHandler redirect_to(std::string url, int status = 302);

/// Answers with this status, headers and body.
[[nodiscard]] OriginHandler status(int code, Headers headers = {}, std::string body = {});

/// How a connection is ended.
enum class Ending : std::uint8_t { fin, rst };

/// Declares Content-Length `full_length`, sends the first `sent_bytes` (< full_length) of
/// `random_bytes(full_length, 1)`, then ends the connection.
[[nodiscard]] OriginHandler cut_body(std::size_t full_length, std::size_t sent_bytes,
                                     Ending ending = Ending::fin);

/// Declares Content-Length `declared` but sends `body`. When the body is shorter the connection is
/// closed after it; when it is longer the connection stays open, with the surplus on it.
[[nodiscard]] OriginHandler wrong_length(std::size_t declared, std::string body);

/// Answers HEAD with `status`, everything else with `inner`.
[[nodiscard]] OriginHandler refuse_head(int status, OriginHandler inner);

/// Sends `body` in chunks of these sizes in turn (each >= 1; the last size repeats), then the last
/// chunk.
[[nodiscard]] OriginHandler chunked(std::string body, std::vector<std::size_t> chunk_sizes = {4096},
                                    std::string content_type = "application/octet-stream");

/// Sends a Content-Length head, then `body` in pieces with `interval` between them.
[[nodiscard]] OriginHandler slow_drip(std::string body, std::size_t piece,
                                      std::chrono::milliseconds interval,
                                      std::string content_type = "application/octet-stream");

/// Sends a Content-Length head, then `body` with a pause before the byte at each of `positions`
/// (ascending; 0 = between head and body).
[[nodiscard]] OriginHandler pausing(std::string body, std::vector<std::size_t> positions,
                                    std::chrono::milliseconds length);

/// Sends `body` with neither length nor chunks and closes.
[[nodiscard]] OriginHandler until_close(std::string body,
                                        std::string content_type = "application/octet-stream");

/// Reads the request, sends nothing and ends the connection.
[[nodiscard]] OriginHandler hang_up(Ending ending = Ending::fin);

/// Reads the request and stays silent until the peer closes or the origin is destroyed.
[[nodiscard]] OriginHandler never_answer();

/// `inner`, then an unannounced close `delay` after the answer, so that a pooled connection goes
/// stale while it is idle.
[[nodiscard]] OriginHandler close_after_response(
    OriginHandler inner, std::chrono::milliseconds delay = std::chrono::milliseconds(0));

/// `inner`, then the connection stays open, and the next request on it is recorded and answered
/// only by closing: it goes stale at the worst moment.
[[nodiscard]] OriginHandler drop_next_request(OriginHandler inner);

/// The first request gets the first handler, and so on; the last one repeats. Requests on all
/// connections are counted together.
[[nodiscard]] OriginHandler in_sequence(std::vector<OriginHandler> handlers);

}  // namespace sluice::test
