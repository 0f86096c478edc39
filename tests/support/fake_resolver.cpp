#include "support/fake_resolver.hpp"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <dlfcn.h>
#include <netdb.h>
#include <resolv.h>

#include <array>
#include <condition_variable>
#include <map>
#include <mutex>
#include <type_traits>

namespace sluice::test {
namespace {

/// What the FakeResolver that exists has set up, for getaddrinfo, which knows no object.
struct Script {
  std::mutex mutex;
  std::condition_variable changed;
  std::uint16_t port = 0;  ///< of the name server; 0 when none exists
  std::map<std::string, int> look_ups;
  bool held = false;
};

Script& script() {
  static Script instance;
  return instance;
}

/// Counts a look-up, waits while they are held, and says which port to ask.
std::uint16_t admit(const std::string& name) {
  auto& state = script();
  std::unique_lock lock(state.mutex);
  ++state.look_ups[name];
  state.changed.notify_all();
  state.changed.wait(lock, [&] { return !state.held; });
  return state.port;
}

using Getaddrinfo = int (*)(const char*, const char*, const addrinfo*, addrinfo**);

int of_the_system(const char* node, const char* service, const addrinfo* hints, addrinfo** list) {
  static const auto next = reinterpret_cast<Getaddrinfo>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  return next(node, service, hints, list);
}

/// Appends the addresses that the name server has for `name`, as text.
void ask(res_state resolver, const std::string& name, ns_type type, DnsAnswer& found) {
  std::array<unsigned char, 512> packet{};
  const int size = ::res_nquery(resolver, name.c_str(), ns_c_in, type, packet.data(),
                                static_cast<int>(packet.size()));
  ns_msg reply;
  if (size < 0 || ::ns_initparse(packet.data(), size, &reply) != 0) return;
  for (int i = 0; i < ns_msg_count(reply, ns_s_an); ++i) {
    ns_rr record;
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (::ns_parserr(&reply, ns_s_an, i, &record) != 0 || ns_rr_type(record) != type) continue;
    if (::inet_ntop(type == ns_t_a ? AF_INET : AF_INET6, ns_rr_rdata(record), text.data(),
                    text.size())) {
      found.emplace_back(text.data());
    }
  }
}

DnsAnswer ask_stub(const std::string& name, std::uint16_t port) {
  DnsAnswer found;
  std::remove_pointer_t<res_state> resolver{};
  if (::res_ninit(&resolver) != 0) return found;
  resolver.options = RES_INIT | RES_RECURSE;
  resolver.retry = 1;
  resolver.nscount = 1;
  resolver.nsaddr_list[0] = {};
  resolver.nsaddr_list[0].sin_family = AF_INET;
  resolver.nsaddr_list[0].sin_port = htons(port);
  resolver.nsaddr_list[0].sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ask(&resolver, name, ns_t_a, found);
  ask(&resolver, name, ns_t_aaaa, found);
  ::res_nclose(&resolver);
  return found;
}

/// Numbers need no look-up; for what is none, EAI_NONAME.
int of_numbers(const char* node, const char* service, const addrinfo* hints, addrinfo** list) {
  addrinfo numeric = hints ? *hints : addrinfo{};
  numeric.ai_flags |= AI_NUMERICHOST;
  return of_the_system(node, service, &numeric, list);
}

int look_up(const char* node, const char* service, const addrinfo* hints, addrinfo** list) {
  const std::string name(node ? node : "");
  {
    const std::lock_guard lock(script().mutex);
    if (script().port == 0) return of_the_system(node, service, hints, list);
  }
  if (name == "localhost") return of_the_system(node, service, hints, list);
  if (of_numbers(node, service, hints, list) == 0) return 0;
  *list = nullptr;
  auto** end = list;
  for (const auto& address : ask_stub(name, admit(name))) {
    if (of_numbers(address.c_str(), service, hints, end) != 0) continue;
    while (*end) end = &(*end)->ai_next;
  }
  return *list ? 0 : EAI_NONAME;
}

}  // namespace

FakeResolver::FakeResolver() {
  const std::lock_guard lock(script().mutex);
  script().look_ups.clear();
  script().port = stub_.port();
}

FakeResolver::~FakeResolver() {
  release();
  const std::lock_guard lock(script().mutex);
  script().port = 0;
}

void FakeResolver::answer(const std::string& name, const std::string& address) {
  stub_.answer(name, {{address}});
}

void FakeResolver::answer(const std::string& name, std::vector<DnsAnswer> in_turn) {
  stub_.answer(name, std::move(in_turn));
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

}  // namespace sluice::test

/// Takes the place of the C library's function in the programs that use a FakeResolver.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** list) {
  return sluice::test::look_up(node, service, hints, list);
}
