#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <string>

#include "sluice/http/header_list.hpp"

namespace sluice::http {

/// Beast's parser for one message head, given whole, that collects into our own types: the fields
/// are stored once, and no body is looked at.
template <bool is_request>
class HeadParser final : public boost::beast::http::basic_parser<is_request> {
 public:
  static constexpr std::size_t kUsualHead = 512;
  static constexpr std::size_t kUsualFields = 16;
  using Code = boost::beast::error_code;
  using View = boost::beast::string_view;

  explicit HeadParser(HeaderList& headers, std::size_t max_bytes) : headers_(headers) {
    headers_.reserve(max_bytes < kUsualHead ? max_bytes : kUsualHead, kUsualFields);
    this->header_limit(static_cast<std::uint32_t>(max_bytes));
    this->body_limit(boost::none);
    this->skip(true);
  }

  /// Parses a whole head; false when it is not valid or not complete.
  [[nodiscard]] bool parse(std::string_view head) {
    Code error;
    this->put(boost::asio::buffer(head.data(), head.size()), error);
    return !error && this->is_header_done();
  }

  boost::beast::http::verb verb = boost::beast::http::verb::unknown;
  std::string_view target;  ///< points into the head
  unsigned status = 0;
  int version = 11;

 private:
  void on_request_impl(boost::beast::http::verb method, View, View path, int http_version,
                       Code&) override {
    verb = method;
    target = {path.data(), path.size()};
    version = http_version;
  }
  void on_response_impl(int code, View, int http_version, Code&) override {
    status = static_cast<unsigned>(code);
    version = http_version;
  }
  void on_field_impl(boost::beast::http::field, View name, View value, Code&) override {
    headers_.add({name.data(), name.size()}, {value.data(), value.size()});
  }
  void on_header_impl(Code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Code&) override {}
  std::size_t on_body_impl(View body, Code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, View, Code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, View body, Code&) override { return body.size(); }
  void on_finish_impl(Code&) override {}

  HeaderList& headers_;
};

}  // namespace sluice::http
