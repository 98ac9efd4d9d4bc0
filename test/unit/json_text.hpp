// JSON text to the core's own tree, for tests only (in the server, pg/ builds it from jsonb).
#pragma once

#include <nlohmann/json.hpp>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.hpp"

namespace recon::test {

// A SAX handler, because nlohmann's own tree turns 0.01 into a double; numbers must keep their
// text.
class JsonBuilder : public nlohmann::json_sax<nlohmann::json> {
  public:
    bool null() override { return add({}); }
    bool boolean(bool value) override {
        json::Value node;
        node.kind = json::Kind::boolean;
        node.boolean = value;
        return add(std::move(node));
    }
    bool number_integer(number_integer_t value) override { return number(std::to_string(value)); }
    bool number_unsigned(number_unsigned_t value) override { return number(std::to_string(value)); }
    bool number_float(number_float_t, const string_t& text) override { return number(text); }
    bool string(string_t& value) override {
        json::Value node;
        node.kind = json::Kind::string;
        node.text = value;
        return add(std::move(node));
    }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override { return open(json::Kind::object); }
    bool key(string_t& name) override {
        keys_.back() = name;
        return true;
    }
    bool end_object() override { return close(); }
    bool start_array(std::size_t) override { return open(json::Kind::array); }
    bool end_array() override { return close(); }
    bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception& e) override {
        throw std::invalid_argument(e.what());
    }

    json::Value take() { return std::move(root_); }

  private:
    bool number(std::string text) {
        json::Value node;
        node.kind = json::Kind::number;
        node.text = std::move(text);
        return add(std::move(node));
    }
    bool open(json::Kind kind) {
        json::Value node;
        node.kind = kind;
        open_.push_back(std::move(node));
        keys_.emplace_back();
        return true;
    }
    bool close() {
        json::Value node = std::move(open_.back());
        open_.pop_back();
        keys_.pop_back();
        return add(std::move(node));
    }
    bool add(json::Value node) {
        if (open_.empty()) {
            root_ = std::move(node);
            return true;
        }
        json::Value& parent = open_.back();
        if (parent.kind == json::Kind::array) {
            parent.items.push_back(std::move(node));
            return true;
        }
        // As jsonb does: of two equal keys the last one counts.
        for (auto& [name, value] : parent.members) {
            if (name != keys_.back()) continue;
            value = std::move(node);
            return true;
        }
        parent.members.emplace_back(keys_.back(), std::move(node));
        return true;
    }

    json::Value root_;
    std::vector<json::Value> open_;
    std::vector<std::string> keys_;
};

inline json::Value parse_json(std::string_view text) {
    JsonBuilder builder;
    nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
    return builder.take();
}

}  // namespace recon::test
