#pragma once

#include <boost/asio/signal_set.hpp>

#include "sluice/app/application.hpp"

namespace sluice::app {

/// What the signals to the program lead to.
struct Application::Signals {
  explicit Signals(asio::io_context& io) : set(io, SIGINT, SIGTERM, SIGHUP) {}
  asio::signal_set set;
  Load load;
};

}  // namespace sluice::app
