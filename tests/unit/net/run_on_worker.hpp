#pragma once

#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <exception>
#include <optional>

#include "sluice/net/worker.hpp"
#include "support/catch.hpp"

namespace sluice::test {

/// Runs a coroutine to its end on the event loop of `worker`, which was not started, on this
/// thread; fails the test when it does not end within 10 s.
template <class T>
T run_on(net::Worker& worker, awaitable<T> work) {
  std::optional<T> result;
  std::exception_ptr failure;
  asio::co_spawn(worker.io(), std::move(work), [&](std::exception_ptr thrown, T value) {
    failure = thrown;
    result = std::move(value);
    worker.io().stop();
  });
  worker.io().restart();
  worker.io().run_for(std::chrono::seconds(10));
  if (failure) std::rethrow_exception(failure);
  REQUIRE(result.has_value());
  return *std::move(result);
}

}  // namespace sluice::test
