#include "pg/failure.hpp"

namespace recon::pg {

namespace {

std::string text_of(const char* text) {
    return text != nullptr ? text : "";
}

// Of the error that the server reported; the report is taken off its stack.
Failure take_report() {
    ErrorData* data = call([] {
        MemoryContextSwitchTo(TopMemoryContext);
        ErrorData* copy = CopyErrorData();
        FlushErrorState();
        return copy;
    });
    Failure failure{unpack_sql_state(data->sqlerrcode), text_of(data->message),
                    text_of(data->detail), text_of(data->hint), text_of(data->context)};
    FreeErrorData(data);
    return failure;
}

Failure failure_of(const char* code, const std::string& message) {
    return {code, message, {}, {}, {}};
}

}  // namespace

Failure current_failure() {
    try {
        throw;
    } catch (const ServerError&) {
        return take_report();
    } catch (const Error& error) {
        return {error.code(), error.what(), error.detail(), error.hint(), {}};
    } catch (const std::bad_alloc&) {
        return failure_of(sqlstate::out_of_memory, "out of memory");
    } catch (const std::exception& error) {
        return failure_of(sqlstate::internal_error, error.what());
    } catch (...) {
        return failure_of(sqlstate::internal_error, "unknown exception");
    }
}

}  // namespace recon::pg
