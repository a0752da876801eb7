import Database from "better-sqlite3";
import takeOrders from "./orders.cjs";

takeOrders(new Database(":memory:"));
