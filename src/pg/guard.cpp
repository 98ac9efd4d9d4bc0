#include "pg/guard.hpp"

extern "C" {
#include "commands/extension.h"
}

namespace recon::pg {

namespace {

// What became of a function body, as plain data.
struct Outcome {
    enum Kind { done, server_error, error } kind = done;
    char code[6] = {};
    char message[2048] = {};
    char detail[4096] = {};
    char hint[2048] = {};
};

template <std::size_t size>
void copy(char (&to)[size], const char* from, std::size_t length) noexcept {
    std::size_t n = std::min(length, size - 1);
    std::memcpy(to, from, n);
    to[n] = '\0';
}

void fill(Outcome& outcome, const char* code, const char* message) noexcept {
    outcome.kind = Outcome::error;
    copy(outcome.code, code, std::strlen(code));
    copy(outcome.message, message, std::strlen(message));
}

__attribute__((noinline)) void run(void* argument, HookBody body, Outcome& outcome) noexcept {
    try {
        return body(argument);
    } catch (const ServerError&) {
        outcome.kind = Outcome::server_error;
    } catch (const Error& error) {
        fill(outcome, error.code(), error.what());
        copy(outcome.detail, error.detail().data(), error.detail().size());
        copy(outcome.hint, error.hint().data(), error.hint().size());
    } catch (const Stopped&) {
        fill(outcome, "57014", "canceling statement due to user request");
    } catch (const std::bad_alloc&) {
        fill(outcome, sqlstate::out_of_memory, "out of memory");
    } catch (const std::exception& error) {
        fill(outcome, sqlstate::internal_error, error.what());
    } catch (...) {
        fill(outcome, sqlstate::internal_error, "unknown exception");
    }
}

struct FunctionCall {
    FunctionCallInfo fcinfo;
    FunctionBody body;
    Datum result;
};

}  // namespace

void make_valid(char* text) {
    int length = static_cast<int>(std::strlen(text));
    length = pg_mbcliplen(text, length, length);
    text[length] = '\0';
    if (pg_verifymbstr(text, length, true)) return;
    for (char* c = text; *c != '\0'; ++c)
        if (static_cast<unsigned char>(*c) >= 0x80) *c = '?';
}

// Only trivially destructible objects live in this frame: ereport leaves it by longjmp.
void enter_hook(void* argument, HookBody body) {
    Outcome outcome;
    run(argument, body, outcome);
    if (outcome.kind == Outcome::done) return;
    if (outcome.kind == Outcome::server_error) PG_RE_THROW();
    make_valid(outcome.message);
    make_valid(outcome.detail);
    make_valid(outcome.hint);
    const char* c = outcome.code;
    ereport(ERROR, (errcode(MAKE_SQLSTATE(c[0], c[1], c[2], c[3], c[4])),
                    errmsg_internal("%s", outcome.message),
                    outcome.detail[0] != '\0' ? errdetail_internal("%s", outcome.detail) : 0,
                    outcome.hint[0] != '\0' ? errhint("%s", outcome.hint) : 0));
}

Datum enter(FunctionCallInfo fcinfo, FunctionBody body) {
    // Within CREATE EXTENSION nobody else sees the extension yet.
    if (at_first_call != nullptr && !creating_extension) std::exchange(at_first_call, nullptr)();
    FunctionCall call{fcinfo, body, 0};
    enter_hook(&call, [](void* argument) {
        auto* made = static_cast<FunctionCall*>(argument);
        made->result = made->body(made->fcinfo);
    });
    return call.result;
}

}  // namespace recon::pg
