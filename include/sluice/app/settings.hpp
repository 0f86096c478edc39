#pragma once

#include "sluice/access/settings.hpp"
#include "sluice/core/log.hpp"
#include "sluice/routes/settings.hpp"
#include "sluice/server/settings.hpp"
#include "sluice/upstream/settings.hpp"

namespace sluice::app {

/// Everything that can be set, one member per table of the settings file. The defaults are the
/// member initialisers of the rooms' own structs; `setting_keys` names each value.
struct Settings {
  server::Settings server;
  upstream::Settings upstream;
  upstream::ProxySettings proxy;
  access::Settings auth;
  routes::HlsSettings hls;
  routes::PublicIpSettings public_ip;
  log::Settings log;
};

}  // namespace sluice::app
