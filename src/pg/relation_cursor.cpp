#include "pg/relation_cursor.hpp"

extern "C" {
#include "access/detoast.h"
#include "parser/analyze.h"
#include "tcop/pquery.h"
#include "tcop/tcopprot.h"
#include "utils/portal.h"
}

namespace recon::pg {

namespace {

constexpr std::size_t most_rows = 1000, most_values = 32 * 1000;
constexpr int batch_bytes = 512 * 1024;

// Where a value stands in the text of a batch.
struct Piece {
    int offset, length;
    bool null, cut;
};

struct Column {
    Oid type;  // of a domain, its base type
    FmgrInfo output;
};

}  // namespace

// Plain data in memory of the server: the executor calls it, and errors leave it by longjmp.
struct RelationCursor::Receiver {
    DestReceiver pub;  // first: the server knows no more
    int columns;
    Column* column;
    std::size_t longest;
    MemoryContext row_memory;
    StringInfoData text;
    Piece* pieces;
    std::size_t rows, most_rows;
    bool full;
};

namespace {

// Runs inside call(), as all that follows: a value's text behind that of the others.
void append_bytes(std::string_view value, StringInfo text, std::size_t longest, Piece& piece) {
    piece.cut = value.size() > longest;
    piece.length = static_cast<int>(piece.cut ? longest + 1 : value.size());
    appendBinaryStringInfo(text, value.data(), piece.length);
}

// The shortest exact form has an exponent where the number is large or small: without it.
char* without_exponent(char* number) {
    if (std::strchr(number, 'e') == nullptr) return number;
    Datum value = DirectFunctionCall3(numeric_in, CStringGetDatum(number),
                                      ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
    return DatumGetCString(DirectFunctionCall1(numeric_out, value));
}

// Long text is not brought into memory whole.
std::string_view text_bytes(Datum value, std::size_t longest) {
    struct varlena* plain;
    if (toast_raw_datum_size(value) - VARHDRSZ > longest)
        plain = pg_detoast_datum_slice(reinterpret_cast<struct varlena*>(DatumGetPointer(value)), 0,
                                       static_cast<int32>(longest + 1));
    else
        plain = PG_DETOAST_DATUM_PACKED(value);
    return {VARDATA_ANY(plain), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(plain))};
}

std::string_view value_text(Column& column, Datum value, std::size_t longest) {
    switch (column.type) {
        case BOOLOID:
            return DatumGetBool(value) ? "true" : "false";
        case TEXTOID:
        case VARCHAROID:
            return text_bytes(value, longest);
        case BPCHAROID: {
            // Blanks at its end are no part of it.
            std::string_view text = text_bytes(value, longest);
            while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
            return text;
        }
        case FLOAT4OID:
        case FLOAT8OID:
            return without_exponent(OutputFunctionCall(&column.output, value));
        default:
            return OutputFunctionCall(&column.output, value);
    }
}

void start_up(DestReceiver*, int, TupleDesc) {}
void shut_down(DestReceiver*) {}

Node* column_node(const char* name) {
    auto* column = makeNode(ColumnRef);
    column->fields = list_make1(makeString(pstrdup(name)));
    column->location = -1;
    return reinterpret_cast<Node*>(column);
}

void add_target(SelectStmt* select, Node* value) {
    auto* target = makeNode(ResTarget);
    target->val = value;
    target->location = -1;
    select->targetList = lappend(select->targetList, target);
}

// As a tree, never as text: there is nothing to break out of.
RawStmt* select_from(const char* relation, std::span<const ingest::SelectedColumn> columns) {
    auto* select = makeNode(SelectStmt);
    for (const ingest::SelectedColumn& column : columns)
        add_target(select, column.is_expression ? parse_expression(column.text.c_str())
                                                : column_node(column.text.c_str()));
    RangeVar* from = makeRangeVarFromNameList(textToQualifiedNameList(cstring_to_text(relation)));
    select->fromClause = list_make1(from);
    auto* statement = makeNode(RawStmt);
    statement->stmt = reinterpret_cast<Node*>(select);
    return statement;
}

Portal open_portal(RawStmt* statement) {
    constexpr char source[] = "<relation source>";
    PushActiveSnapshot(GetTransactionSnapshot());
    ParseState* state = make_parsestate(nullptr);
    state->p_sourcetext = source;
    Query* query = transformTopLevelStmt(state, statement);
    free_parsestate(state);
    List* plans = pg_plan_queries(pg_rewrite_query(query), source, CURSOR_OPT_NO_SCROLL, nullptr);
    Portal portal = CreateNewPortal();
    portal->visible = false;
    MemoryContext old = MemoryContextSwitchTo(portal->portalContext);
    plans = static_cast<List*>(copyObjectImpl(plans));
    PortalDefineQuery(portal, nullptr, source, CMDTAG_SELECT, plans, nullptr);
    MemoryContextSwitchTo(old);
    portal->cursorOptions = CURSOR_OPT_NO_SCROLL;
    PortalStart(portal, nullptr, 0, GetActiveSnapshot());
    PopActiveSnapshot();
    if (portal->strategy != PORTAL_ONE_SELECT || portal->tupDesc == nullptr)
        elog(ERROR, "recon: relation source gives no rows");
    // No code that the relation brings along can close it.
    PinPortal(portal);
    return portal;
}

}  // namespace

RelationCursor::RelationCursor(const NamedRelation& relation, const ReadAs& as,
                               std::span<const ingest::SelectedColumn> columns, std::size_t longest)
    : as_(as) {
    ReaderScope scope(as_);
    portal_ = call([&] { return open_portal(select_from(relation.name.c_str(), columns)); });
    receiver_ = call([&] {
        TupleDesc description = portal_->tupDesc;
        auto* receiver = static_cast<Receiver*>(palloc0(sizeof(Receiver)));
        auto receive = [](TupleTableSlot* slot, DestReceiver* self) {
            auto& to = *reinterpret_cast<Receiver*>(self);
            slot_getallattrs(slot);
            MemoryContext old = MemoryContextSwitchTo(to.row_memory);
            Piece* piece = to.pieces + to.rows * static_cast<std::size_t>(to.columns);
            for (int i = 0; i < to.columns; ++i, ++piece) {
                *piece = {to.text.len, 0, slot->tts_isnull[i], false};
                if (piece->null) continue;
                append_bytes(value_text(to.column[i], slot->tts_values[i], to.longest), &to.text,
                             to.longest, *piece);
            }
            MemoryContextSwitchTo(old);
            MemoryContextReset(to.row_memory);
            ++to.rows;
            to.full = to.text.len >= batch_bytes && to.rows < to.most_rows;
            return !to.full;
        };
        receiver->pub.receiveSlot = receive;
        receiver->pub.rStartup = start_up;
        receiver->pub.rShutdown = shut_down;
        receiver->pub.rDestroy = shut_down;
        receiver->pub.mydest = DestNone;
        receiver->columns = description->natts;
        receiver->longest = longest;
        receiver->row_memory =
            AllocSetContextCreate(CurrentMemoryContext, "recon row", ALLOCSET_DEFAULT_SIZES);
        initStringInfo(&receiver->text);
        auto count = static_cast<std::size_t>(description->natts);
        receiver->column = static_cast<Column*>(palloc(sizeof(Column) * (count + 1)));
        receiver->most_rows = std::clamp<std::size_t>(most_values / (count + 1), 1, most_rows);
        receiver->pieces =
            static_cast<Piece*>(palloc(sizeof(Piece) * (count + 1) * receiver->most_rows));
        for (int i = 0; i < description->natts; ++i) {
            Column& column = receiver->column[i];
            Oid output;
            bool varlena;
            column.type = getBaseType(TupleDescAttr(description, i)->atttypid);
            getTypeOutputInfo(TupleDescAttr(description, i)->atttypid, &output, &varlena);
            fmgr_info(output, &column.output);
        }
        return receiver;
    });
    for (int i = 0; i < receiver_->columns; ++i)
        types_.emplace_back(call([&] { return format_type_be(receiver_->column[i].type); }));
}

bool RelationCursor::fetch() {
    ReaderScope scope(as_);
    call([&] {
        CHECK_FOR_INTERRUPTS();
        resetStringInfo(&receiver_->text);
        receiver_->rows = 0;
        receiver_->full = false;
        PortalRunFetch(portal_, FETCH_FORWARD, static_cast<long>(receiver_->most_rows),
                       &receiver_->pub);
        // It stopped because the batch is full: the portal takes that for the end.
        if (receiver_->full) portal_->atEnd = false;
    });
    return receiver_->rows > 0;
}

std::size_t RelationCursor::rows() const {
    return receiver_->rows;
}

RelationCursor::Value RelationCursor::value(std::size_t row, std::size_t column) const {
    const Piece& piece =
        receiver_->pieces[row * static_cast<std::size_t>(receiver_->columns) + column];
    return {{receiver_->text.data + piece.offset, static_cast<std::size_t>(piece.length)},
            piece.null,
            piece.cut};
}

void RelationCursor::close() {
    ReaderScope scope(as_);
    call([&] {
        UnpinPortal(portal_);
        PortalDrop(portal_, false);
    });
    portal_ = nullptr;
}

}  // namespace recon::pg
