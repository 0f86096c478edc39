#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sluice {

namespace asio = boost::asio;
using asio::awaitable;
using asio::ip::tcp;
using boost::system::error_code;

/// Asio operations end in a tuple that starts with an error_code; a peer's failure is no exception.
inline constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);

}  // namespace sluice
