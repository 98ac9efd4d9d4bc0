#include "core/detect/names.hpp"

#include <algorithm>
#include <string>

#include "core/field/text.hpp"

namespace recon::detect {

namespace {

constexpr std::size_t longest_name = 200;

// Terms of one language, folded as names are, parted by commas.
struct Terms {
    Meaning meaning;
    const char* language;
    std::string_view list;
};

constexpr Terms vocabulary[] = {
    {Meaning::external_id, "en",
     "external id,transaction id,transaction number,transaction no,txn id,trx id,trans id,unique "
     "id,"
     "id,entry id,record id,line id,movement id,bank transaction id,fitid,uuid,archive id,"
     "account servicer reference,acctsvcrref"},
    {Meaning::external_id, "de",
     "transaktions id,transaktionsnummer,buchungsnummer,umsatz "
     "id,belegnummer,belegnr,vorgangsnummer,"
     "buchungs id"},
    {Meaning::external_id, "fr",
     "identifiant,id operation,numero d operation,numero operation,no operation,id transaction,"
     "numero de transaction,identifiant operation"},
    {Meaning::external_id, "es",
     "identificador,id movimiento,numero de movimiento,id operacion,numero de operacion,n "
     "operacion,"
     "id transaccion"},
    {Meaning::external_id, "it",
     "identificativo,id movimento,numero operazione,id operazione,numero movimento,id transazione,"
     "codice operazione,cro,trn"},
    {Meaning::external_id, "nl",
     "transactienummer,transactie id,volgnummer,volgnr,boekingsnummer,transactiereferentie id"},
    {Meaning::external_id, "pt",
     "identificador,id movimento,numero do movimento,id transacao,numero da operacao,id operacao,"
     "numero documento"},

    {Meaning::transaction_date, "en",
     "transaction date,date,booking date,posting date,post date,posted date,posted,entry date,"
     "trans date,txn date,trx date,booked,booked on,date posted,bookg dt,payment date,"
     "completed date,operation date,created date"},
    {Meaning::transaction_date, "de",
     "buchungstag,buchungsdatum,datum,buchung,umsatzdatum,transaktionsdatum,belegdatum,buchungstag "
     "datum,gebucht am,zahlungsdatum"},
    {Meaning::transaction_date, "fr",
     "date,date operation,date de l operation,date d operation,date de comptabilisation,"
     "date comptable,date comptabilisation,date de transaction,date mouvement,date ecriture,"
     "date d ecriture"},
    {Meaning::transaction_date, "es",
     "fecha,fecha operacion,fecha de operacion,fecha contable,f contable,f operacion,"
     "fecha movimiento,fecha transaccion,fecha de movimiento"},
    {Meaning::transaction_date, "it",
     "data,data operazione,data contabile,data contabilizzazione,data registrazione,"
     "data movimento,data transazione"},
    {Meaning::transaction_date, "nl",
     "boekdatum,datum,boekingsdatum,transactiedatum,uitvoeringsdatum,datum boeking,"
     "datum verrichting"},
    {Meaning::transaction_date, "pt",
     "data,data movimento,data do movimento,data mov,data operacao,data da operacao,"
     "data lancamento,data do lancamento,data transacao,data contabilistica,data de movimento"},

    {Meaning::value_date, "en", "value date,value,val date,value dt,val dt,effective date"},
    {Meaning::value_date, "de",
     "valuta,wertstellung,valutadatum,valutierung,wertstellungsdatum,wert,wertstellungstag"},
    {Meaning::value_date, "fr", "date valeur,date de valeur,valeur"},
    {Meaning::value_date, "es", "fecha valor,fecha de valor,f valor,valor"},
    {Meaning::value_date, "it", "valuta,data valuta"},
    {Meaning::value_date, "nl", "valutadatum,rentedatum,valuta datum,datum valuta"},
    {Meaning::value_date, "pt", "data valor,data da valor,data de valor,dt valor"},

    {Meaning::amount, "en",
     "amount,transaction amount,net amount,amt,value,sum,payment amount,amount in account currency,"
     "booked amount,gross amount,local amount,total,total amount"},
    {Meaning::amount, "de",
     "betrag,umsatz,buchungsbetrag,umsatzbetrag,betrag in eur,betrag eur,summe,zahlbetrag,"
     "betrag euro,bruttobetrag"},
    {Meaning::amount, "fr",
     "montant,montant operation,montant de l operation,montant en euros,montant eur,somme,"
     "montant en eur"},
    {Meaning::amount, "es",
     "importe,monto,cantidad,importe eur,importe en euros,importe operacion,"
     "importe movimiento"},
    {Meaning::amount, "it",
     "importo,importo in euro,importo eur,ammontare,importo operazione,importo movimento"},
    {Meaning::amount, "nl", "bedrag,bedrag eur,transactiebedrag,bedrag in eur,bedrag boeking"},
    {Meaning::amount, "pt",
     "valor,montante,importancia,importe,quantia,valor eur,valor do movimento,montante eur,"
     "valor r,valor movimento"},

    {Meaning::debit, "en",
     "debit,debits,debit amount,withdrawal,withdrawals,paid out,money out,out,amount out,dr,"
     "withdrawal amount,payments"},
    {Meaning::debit, "de",
     "soll,belastung,lastschrift,ausgang,ausgaben,soll eur,belastung in chf,"
     "belastungen,sollbetrag,ausgabe"},
    {Meaning::debit, "fr", "debit,montant debit,debit euros,debit eur,depense,depenses,sortie"},
    {Meaning::debit, "es", "debe,cargo,cargos,adeudo,debito,gasto,gastos,salida,salidas"},
    {Meaning::debit, "it", "dare,addebiti,addebito,uscite,uscita"},
    {Meaning::debit, "nl", "af,debet,uitgaven,bedrag af,afschrijving"},
    {Meaning::debit, "pt", "debito,debitos,saida,saidas,valor debito,montante debito"},

    {Meaning::credit, "en",
     "credit,credits,credit amount,deposit,deposits,paid in,money in,in,amount in,cr,"
     "deposit amount,receipts"},
    {Meaning::credit, "de",
     "haben,gutschrift,eingang,einnahmen,haben eur,gutschrift in chf,"
     "gutschriften,habenbetrag,einnahme"},
    {Meaning::credit, "fr",
     "credit,montant credit,credit euros,credit eur,recette,recettes,entree"},
    {Meaning::credit, "es", "haber,abono,abonos,credito,ingreso,ingresos,entrada,entradas"},
    {Meaning::credit, "it", "avere,accrediti,accredito,entrate,entrata"},
    {Meaning::credit, "nl", "bij,credit,inkomsten,bedrag bij,bijschrijving"},
    {Meaning::credit, "pt", "credito,creditos,entrada,entradas,valor credito,montante credito"},

    {Meaning::currency, "en", "currency,ccy,currency code,curr,account currency,iso currency"},
    {Meaning::currency, "de", "wahrung,waehrung,wrg,wahrungscode,devise,whg,kontowahrung"},
    {Meaning::currency, "fr", "devise,monnaie,code devise"},
    {Meaning::currency, "es", "divisa,moneda,codigo divisa"},
    {Meaning::currency, "it", "divisa,valuta,codice divisa,moneta"},
    {Meaning::currency, "nl", "munt,valuta,muntsoort,valutacode,munteenheid"},
    {Meaning::currency, "pt", "moeda,divisa,codigo moeda"},

    {Meaning::reference, "en",
     "reference,ref,ref no,reference number,payment reference,customer reference,end to end id,"
     "endtoendid,end to end reference,invoice,invoice number,invoice no,cheque number,check number,"
     "mandate reference,your reference,order id,bank reference,document number,doc no"},
    {Meaning::reference, "de",
     "referenz,kundenreferenz,kundenreferenz end to end,end to end referenz,zahlungsreferenz,"
     "rechnungsnummer,mandatsreferenz,referenznummer,ref nr,rechnungsnr,bankreferenz"},
    {Meaning::reference, "fr",
     "reference,reference operation,reference de l operation,reference client,ref,"
     "numero de cheque,numero de facture,facture,piece,n piece,numero de piece"},
    {Meaning::reference, "es",
     "referencia,referencia 1,ref,numero de referencia,numero de factura,factura,"
     "numero de documento,n documento,documento"},
    {Meaning::reference, "it",
     "riferimento,numero riferimento,rif,riferimenti,numero fattura,fattura,riferimento banca"},
    {Meaning::reference, "nl",
     "referentie,betalingskenmerk,kenmerk,betaalkenmerk,transactiereferentie,factuurnummer,"
     "machtigingskenmerk"},
    {Meaning::reference, "pt",
     "referencia,referencia do cliente,numero de referencia,fatura,numero da fatura,documento,"
     "n documento"},

    {Meaning::counterparty, "en",
     "counterparty,counterparty name,payee,payer,beneficiary,merchant,vendor,customer,supplier,"
     "name,merchant name,beneficiary name,payee name,remitter,customer name,supplier name,"
     "partner name,to from,contra account name,recipient,counter party,payee payer"},
    {Meaning::counterparty, "de",
     "auftraggeber,empfanger,zahlungsempfanger,auftraggeber empfanger,begunstigter,"
     "begunstigter zahlungspflichtiger,beguenstigter zahlungspflichtiger,name,empfangername,"
     "name zahlungsbeteiligter,zahlungspflichtiger,gegenpartei,kontoinhaber gegenkonto,"
     "auftraggeber beguenstigter,auftraggeber begunstigter,zahlungspflichtige r,"
     "zahlungsempfanger in,partnername,kunde,lieferant,zahlungsbeteiligter,"
     "name des partners"},
    {Meaning::counterparty, "fr",
     "tiers,contrepartie,beneficiaire,donneur d ordre,emetteur,nom,nom du tiers,nom beneficiaire,"
     "nom du beneficiaire,client,fournisseur,nom contrepartie,nom de la contrepartie"},
    {Meaning::counterparty, "es",
     "beneficiario,ordenante,contraparte,contrapartida,nombre,cliente,proveedor,titular,"
     "beneficiario ordenante,ordenante beneficiario,nombre beneficiario"},
    {Meaning::counterparty, "it",
     "beneficiario,ordinante,controparte,nominativo,cliente,fornitore,nome,beneficiario ordinante,"
     "ordinante beneficiario"},
    {Meaning::counterparty, "nl",
     "tegenpartij,naam tegenpartij,naam,naam omschrijving,begunstigde,naam tegenpartij bevat,"
     "opdrachtgever,klant,leverancier,naam begunstigde"},
    {Meaning::counterparty, "pt",
     "beneficiario,ordenante,contraparte,nome,cliente,fornecedor,destinatario,entidade,"
     "nome do beneficiario,nome contraparte"},

    {Meaning::description, "en",
     "description,details,narrative,memo,particulars,transaction details,transaction description,"
     "payment details,remittance information,notes,note,text,purpose,information,"
     "additional information,unstructured,narration,remarks,comment,message"},
    {Meaning::description, "de",
     "verwendungszweck,buchungstext,beschreibung,zweck,text,bemerkung,buchungsdetails,"
     "buchungsinformation,notiz,umsatztext,vorgang,vorgang verwendungszweck,mitteilung,"
     "zahlungsgrund,avisierungstext,details"},
    {Meaning::description, "fr",
     "libelle,libelle operation,libelle de l operation,description,designation,nature,details,"
     "libelle complet,communication,communications,motif,intitule,commentaire,libelle simplifie,"
     "nature de l operation,informations complementaires"},
    {Meaning::description, "es",
     "concepto,descripcion,detalle,observaciones,mas datos,concepto ampliado,movimiento,"
     "descripcion operacion,comentario,informacion adicional,detalles"},
    {Meaning::description, "it",
     "causale,descrizione,descrizione operazione,dettagli,descrizione estesa,note,oggetto,"
     "causale descrizione,motivo,informazioni aggiuntive,operazione"},
    {Meaning::description, "nl",
     "omschrijving,mededeling,mededelingen,beschrijving,omschrijving 1,details,toelichting,"
     "opmerking,vrije mededeling,naam omschrijving"},
    {Meaning::description, "pt",
     "descricao,descritivo,historico,descricao movimento,detalhes,observacoes,"
     "descricao do movimento,descricao da operacao,lancamento,motivo"},

    {Meaning::balance, "",
     "balance,running balance,account balance,closing balance,opening balance,available balance,"
     "saldo,kontostand,saldo nach buchung,solde,saldo eur,saldo disponible,saldo contabile,"
     "saldo na mutatie,saldo disponivel,saldo contabilistico,saldo apos movimento,solde progressif,"
     "saldo en euros,balance after"},
    {Meaning::sign, "",
     "soll haben,soll haben kennzeichen,sh,s h,debit credit,credit debit,debit credit indicator,"
     "dr cr,cr dr,d c,c d,cdtdbtind,credit debit indicator,af bij,bij af,debet credit,dare avere,"
     "d a,segno,sens,sentido,signo,debe haber,sinal,debito credito,code debet credit,indicator,"
     "kennzeichen,transaction type debit credit"},
    {Meaning::account, "",
     "iban,bic,swift,account,account number,account no,account name,konto,kontonummer,kto,"
     "auftragskonto,kontonummer iban,blz,bankleitzahl,gegenkonto,iban gegenkonto,"
     "kontonummer zahlungsbeteiligter,iban zahlungsbeteiligter,bic swift code,compte,"
     "numero de compte,compte contrepartie,iban contrepartie,rib,cuenta,numero de cuenta,"
     "cuenta contrapartida,iban beneficiario,conto,numero conto,conto corrente,rapporto,"
     "iban controparte,rekening,rekeningnummer,tegenrekening,iban bban,tegenrekening iban bban,"
     "iban tegenpartij,conta,numero da conta,nib,conta destino,iban contraparte,counterparty iban,"
     "counterparty account,beneficiary account,payee account,sort code,routing number,"
     "account holder,kontoinhaber,iban de la contrepartie,naam rekening"},
    {Meaning::other_amount, "",
     "fee,fees,charges,commission,tax,vat,gebuhr,gebuhren,entgelt,original amount,"
     "originalbetrag,ursprungsbetrag,foreign amount,exchange rate,kurs,wechselkurs,frais,tva,"
     "comision,iva,commissioni,commissione,kosten,koers,comissao,betrag ursprung,auslagenersatz,"
     "amount in original currency,amount foreign currency,lastschrift ursprungsbetrag,"
     "auslagenersatz rucklastschrift,oorspr bedrag,taxa,instructed amount,original currency,"
     "fremdwahrung,taux de change"},
    {Meaning::other_date, "",
     "due date,maturity date,document date,invoice date,faelligkeit,falligkeit,faelligkeitsdatum,"
     "falligkeitsdatum,rechnungsdatum,date echeance,date d echeance,echeance,date facture,"
     "fecha vencimiento,fecha factura,data scadenza,scadenza,data fattura,vervaldatum,"
     "factuurdatum,data vencimento,data fatura,started date,created at,updated at,statement date"},
};

// Lower case without accents, words parted by one space, with a space at both ends.
std::string folded(std::string_view name) {
    std::string text(name.substr(0, longest_name));
    field::unaccent(text);
    field::lower(text);
    std::string words = " ";
    for (char c : text) {
        bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                      static_cast<unsigned char>(c) >= 0x80;
        if (letter)
            words += c;
        else if (words.back() != ' ')
            words += ' ';
    }
    if (words.back() != ' ') words += ' ';
    return words;
}

std::string squeezed(std::string_view words) {
    std::string text(words);
    std::erase(text, ' ');
    return text;
}

double score_of(const std::string& words, const std::string& whole, std::string_view term) {
    constexpr std::size_t shortest_part = 6, shortest_word = 3;
    std::string compact = squeezed(term);
    if (whole == compact) return 1;
    if (compact.size() < shortest_word) return 0;
    // Of two terms in a name, the one that is more of it.
    double share = static_cast<double>(compact.size()) / static_cast<double>(whole.size());
    if (words.find(" " + std::string(term) + " ") != std::string::npos)
        return 0.7 + 0.2 * std::min(1.0, share);
    if (compact.size() >= shortest_part && whole.find(compact) != std::string::npos)
        return 0.5 + 0.2 * std::min(1.0, share);
    return 0;
}

}  // namespace

std::vector<NameMatch> meanings_of(std::string_view name) {
    std::vector<NameMatch> found;
    std::string words = folded(name), whole = squeezed(words);
    if (whole.empty()) return found;
    for (const Terms& terms : vocabulary) {
        NameMatch match{terms.meaning, 0, 0, terms.language == std::string_view("en")};
        for (std::size_t at = 0, rank = 0; at < terms.list.size(); ++rank) {
            std::size_t end = std::min(terms.list.find(',', at), terms.list.size());
            double score = score_of(words, whole, terms.list.substr(at, end - at));
            if (score > match.score) {
                match.score = score;
                match.rank = rank;
            }
            at = end + 1;
        }
        if (match.score == 0) continue;
        auto same = std::find_if(found.begin(), found.end(), [&](const NameMatch& other) {
            return other.meaning == match.meaning;
        });
        if (same == found.end())
            found.push_back(match);
        else if (same->score < match.score ||
                 (same->score == match.score && match.rank < same->rank))
            *same = match;
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const NameMatch& a, const NameMatch& b) { return a.score > b.score; });
    return found;
}

}  // namespace recon::detect
