#include "unit/net/fake_resolver.hpp"

#include <dlfcn.h>
#include <netdb.h>

#include <condition_variable>
#include <map>
#include <mutex>

#include "support/catch.hpp"

namespace sluice::test {
namespace {

struct Script {
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::string, std::string> addresses;
  std::map<std::string, int> look_ups;
  bool held = false;
};

Script& script() {
  static Script instance;
  return instance;
}

/// The scripted address of `name`; empty when it has none. Waits while look-ups are held.
std::string scripted(const std::string& name) {
  auto& state = script();
  std::unique_lock lock(state.mutex);
  ++state.look_ups[name];
  state.changed.notify_all();
  state.changed.wait(lock, [&] { return !state.held; });
  const auto found = state.addresses.find(name);
  return found == state.addresses.end() ? std::string() : found->second;
}

using Getaddrinfo = int (*)(const char*, const char*, const addrinfo*, addrinfo**);

int of_the_system(const char* node, const char* service, const addrinfo* hints, addrinfo** list) {
  static const auto next = reinterpret_cast<Getaddrinfo>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  return next(node, service, hints, list);
}

}  // namespace

FakeResolver::FakeResolver() {
  const std::lock_guard lock(script().mutex);
  script().look_ups.clear();
}

FakeResolver::~FakeResolver() {
  release();
  const std::lock_guard lock(script().mutex);
  script().addresses.clear();
}

void FakeResolver::answer(const std::string& name, const std::string& address) {
  const std::lock_guard lock(script().mutex);
  script().addresses[name] = address;
}

void FakeResolver::hold() {
  const std::lock_guard lock(script().mutex);
  script().held = true;
}

void FakeResolver::release() {
  const std::lock_guard lock(script().mutex);
  script().held = false;
  script().changed.notify_all();
}

int FakeResolver::look_ups(const std::string& name) const {
  const std::lock_guard lock(script().mutex);
  const auto found = script().look_ups.find(name);
  return found == script().look_ups.end() ? 0 : found->second;
}

TEST_CASE("FakeResolver answers its own names and leaves others to the system", "[net][unit]") {
  FakeResolver names;
  names.answer("a.fake", "192.0.2.1");
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  CHECK(::getaddrinfo("a.fake", nullptr, &hints, &list) == 0);
  REQUIRE(list != nullptr);
  CHECK(list->ai_family == AF_INET);
  ::freeaddrinfo(list);
  CHECK(::getaddrinfo("b.fake", nullptr, &hints, &list) == EAI_NONAME);
  CHECK(::getaddrinfo("127.0.0.1", nullptr, &hints, &list) == 0);
  ::freeaddrinfo(list);
  CHECK(names.look_ups("a.fake") == 1);
  CHECK(names.look_ups("b.fake") == 1);
  CHECK(names.look_ups("127.0.0.1") == 0);
}

}  // namespace sluice::test

/// Takes the place of the C library's function in this program.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** list) {
  const std::string name(node ? node : "");
  if (!name.ends_with(".fake")) {
    return sluice::test::of_the_system(node, service, hints, list);
  }
  const auto address = sluice::test::scripted(name);
  if (address.empty()) return EAI_NONAME;
  return sluice::test::of_the_system(address.c_str(), service, hints, list);
}
