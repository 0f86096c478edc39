#include "support/dns_stub.hpp"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <system_error>
#include <thread>

#include "support/socket.hpp"

namespace sluice::test {
namespace {

using namespace std::string_literals;

constexpr std::size_t kHeader = 12;
constexpr std::size_t kMaxPacket = 512;

struct Question {
  std::string name;  ///< in lower case
  std::uint16_t type = 0;
  std::size_t end = 0;  ///< of the question in the packet
};

std::size_t byte_at(std::string_view packet, std::size_t at) {
  return at < packet.size() ? static_cast<unsigned char>(packet[at]) : 0;
}

std::optional<Question> parse_question(std::string_view packet) {
  Question question;
  std::size_t at = kHeader;
  while (const auto length = byte_at(packet, at)) {
    if (!question.name.empty()) question.name += '.';
    question.name += packet.substr(std::min(at + 1, packet.size()), length);
    at += 1 + length;
  }
  question.end = at + 1 + 4;  // the root's label, type, class
  if (question.end > packet.size()) return std::nullopt;
  question.type =
      static_cast<std::uint16_t>(byte_at(packet, at + 1) << 8U | byte_at(packet, at + 2));
  std::transform(question.name.begin(), question.name.end(), question.name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return question;
}

/// The address as a record of this type holds it; empty when it is of another.
std::string record_data(const std::string& address, std::uint16_t type) {
  std::array<char, sizeof(in6_addr)> bytes{};
  const bool six = address.find(':') != std::string::npos;
  if (type != (six ? ns_t_aaaa : ns_t_a)) return {};
  if (::inet_pton(six ? AF_INET6 : AF_INET, address.c_str(), bytes.data()) != 1) return {};
  return {bytes.data(), six ? sizeof(in6_addr) : sizeof(in_addr)};
}

/// `answer` is null for a name that does not exist.
std::string reply_to(std::string_view query, const Question& question, const DnsAnswer* answer) {
  std::string records;
  std::uint8_t count = 0;
  for (const auto& address : answer ? *answer : DnsAnswer()) {
    const auto data = record_data(address, question.type);
    if (data.empty()) continue;
    records += "\xc0\x0c"s + query[question.end - 4] + query[question.end - 3] + "\x00\x01"s +
               "\x00\x00\x00\x00"s + "\x00"s + static_cast<char>(data.size()) + data;
    ++count;
  }
  auto reply = std::string(query.substr(0, 2)) + "\x85"s +  // authoritative
               (answer ? "\x80"s : "\x83"s) + "\x00\x01\x00"s + static_cast<char>(count) +
               "\x00\x00\x00\x00"s;
  return reply.append(query.substr(kHeader, question.end - kHeader)).append(records);
}

Fd bind_udp() {
  Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (!socket ||
      ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    throw std::system_error(errno, std::generic_category(), "name server");
  }
  return socket;
}

}  // namespace

struct DnsStub::State {
  struct Script {
    std::vector<DnsAnswer> in_turn;
    std::map<std::uint16_t, std::size_t> asked;  ///< by type
  };

  void serve() {
    while (true) {
      std::array<pollfd, 2> entries{{{socket.get(), POLLIN, 0}, {stop.fd(), POLLIN, 0}}};
      ::poll(entries.data(), entries.size(), -1);
      if (stop.raised()) return;
      answer_one();
    }
  }

  void answer_one() {
    std::array<char, kMaxPacket> packet{};
    sockaddr_in peer{};
    socklen_t size = sizeof(peer);
    auto* const address = reinterpret_cast<sockaddr*>(&peer);
    const auto got = ::recvfrom(socket.get(), packet.data(), packet.size(), 0, address, &size);
    if (got < 0) return;
    const std::string_view query(packet.data(), static_cast<std::size_t>(got));
    const auto question = parse_question(query);
    if (!question) return;
    const auto answer = next_answer(*question);
    const auto reply = reply_to(query, *question, answer ? &*answer : nullptr);
    (void)::sendto(socket.get(), reply.data(), reply.size(), 0, address, size);
  }

  std::optional<DnsAnswer> next_answer(const Question& question) {
    const std::lock_guard lock(mutex);
    auto script = scripts.find(question.name);
    if (script == scripts.end()) script = scripts.find("*");
    if (script == scripts.end()) return std::nullopt;
    auto& [in_turn, asked] = script->second;
    return in_turn[std::min(asked[question.type]++, in_turn.size() - 1)];
  }

  Fd socket = bind_udp();
  std::uint16_t port = bound_port(socket);
  StopSignal stop;
  std::mutex mutex;
  std::map<std::string, Script> scripts;
  std::thread thread;
};

DnsStub::DnsStub() : state_(std::make_unique<State>()) {
  state_->thread = std::thread([state = state_.get()] { state->serve(); });
}

DnsStub::~DnsStub() {
  state_->stop.raise();
  state_->thread.join();
}

void DnsStub::answer(const std::string& name, std::vector<DnsAnswer> in_turn) {
  const std::lock_guard lock(state_->mutex);
  if (in_turn.empty()) in_turn.emplace_back();
  state_->scripts[name] = {std::move(in_turn), {}};
}

std::uint16_t DnsStub::port() const noexcept {
  return state_->port;
}

}  // namespace sluice::test
