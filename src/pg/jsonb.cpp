#include "pg/jsonb.hpp"

namespace recon::pg {

namespace {

constexpr std::size_t max_depth = 32;

struct Token {
    JsonbIteratorToken kind;
    JsonbValue value;
};

json::Value scalar(JsonbValue& value) {
    json::Value result;
    switch (value.type) {
        case jbvNull:
            break;
        case jbvString:
            result.kind = json::Kind::string;
            result.text.assign(value.val.string.val,
                               static_cast<std::size_t>(value.val.string.len));
            break;
        case jbvNumeric: {
            result.kind = json::Kind::number;
            Numeric number = value.val.numeric;
            result.text = call([&] {
                return DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(number)));
            });
            break;
        }
        case jbvBool:
            result.kind = json::Kind::boolean;
            result.boolean = value.val.boolean;
            break;
        default:
            throw Error(sqlstate::internal_error, "unexpected kind of JSON value");
    }
    return result;
}

}  // namespace

json::Value read_jsonb(Datum datum) {
    constexpr std::size_t largest = std::size_t{16} << 20;
    std::size_t bytes = call([&] { return toast_raw_datum_size(datum); });
    if (bytes > largest)
        throw Error("54000", "JSON value is too large",
                    "It has " + std::to_string(bytes) + " bytes; at most " +
                        std::to_string(largest) + " are allowed.");
    JsonbIterator* iterator = call([&] {
        Jsonb* value = DatumGetJsonbP(datum);
        return JsonbIteratorInit(&value->root);
    });
    json::Value root;
    bool raw_scalar = false;
    std::vector<json::Value*> open;
    std::string key;
    // A place for the next value in the innermost open container, or the root itself.
    auto place = [&]() -> json::Value& {
        if (open.empty()) return root;
        json::Value& parent = *open.back();
        if (parent.kind == json::Kind::array) return parent.items.emplace_back();
        return parent.members.emplace_back(std::move(key), json::Value()).second;
    };
    for (;;) {
        Token token = call([&] {
            Token next;
            next.kind = JsonbIteratorNext(&iterator, &next.value, false);
            return next;
        });
        switch (token.kind) {
            case WJB_DONE:
                return root;
            case WJB_BEGIN_ARRAY:
            case WJB_BEGIN_OBJECT: {
                if (token.kind == WJB_BEGIN_ARRAY && token.value.val.array.rawScalar) {
                    raw_scalar = true;
                    break;
                }
                if (open.size() == max_depth)
                    throw Error(sqlstate::program_limit_exceeded, "JSON value is nested too deeply",
                                "At most 32 levels are allowed.");
                json::Value& value = place();
                value.kind = token.kind == WJB_BEGIN_ARRAY ? json::Kind::array : json::Kind::object;
                open.push_back(&value);
                break;
            }
            case WJB_KEY:
                key.assign(token.value.val.string.val,
                           static_cast<std::size_t>(token.value.val.string.len));
                break;
            case WJB_VALUE:
            case WJB_ELEM: {
                json::Value value = scalar(token.value);
                place() = std::move(value);
                break;
            }
            case WJB_END_ARRAY:
            case WJB_END_OBJECT:
                if (!raw_scalar) open.pop_back();
                break;
        }
    }
}

std::string jsonb_text(Datum datum) {
    return call([&] {
        Jsonb* value = DatumGetJsonbP(datum);
        return JsonbToCString(nullptr, &value->root, VARSIZE(value));
    });
}

Datum make_jsonb(const std::string& utf8) {
    const char* text = utf8.c_str();
    int length = static_cast<int>(utf8.size());
    return call([&] {
        return DirectFunctionCall1(jsonb_in,
                                   CStringGetDatum(pg_any_to_server(text, length, PG_UTF8)));
    });
}

}  // namespace recon::pg
