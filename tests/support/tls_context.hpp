#pragma once

#include <string>

#include "support/byte_stream.hpp"
#include "support/certificates.hpp"

namespace sluice::test {

/// A TLS 1.2+ server context with this certificate and session resumption by tickets. Throws
/// std::runtime_error when the certificate or key cannot be read or do not belong together.
[[nodiscard]] SslContextPtr make_server_context(const KeyedCertificate& certificate);

/// A TLS 1.2+ client context that believes only certificates from this CA, or any certificate when
/// `trusted_ca_pem` is empty. Throws std::runtime_error when the PEM text cannot be read.
[[nodiscard]] SslContextPtr make_client_context(const std::string& trusted_ca_pem);

}  // namespace sluice::test
