#pragma once

#include <openssl/bio.h>

namespace sluice::test {

/// OpenSSL's way to a non-blocking socket, like BIO_s_socket but without SIGPIPE when the peer is
/// gone. Does not own `socket`, which must stay open as long as the BIO is used. Throws
/// std::bad_alloc.
[[nodiscard]] BIO* make_socket_bio(int socket);

}  // namespace sluice::test
